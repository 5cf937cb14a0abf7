import Figures
import Testing

struct TicksTests {
  /// Ranges over 40 orders of magnitude, around and away from zero; a linear congruential generator, seed 1.
  static let ranges: [ClosedRange<Double>] = {
    var state: UInt64 = 1
    func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / Double(1 << 53)
    }
    return (0..<3000).map { _ in
      var size = 1 + next()
      for _ in 0..<Int(next() * 20) { size *= next() < 0.5 ? 0.1 : 10 }
      let low = (next() - 0.5) * size * 20
      return low...(low + size)
    }
  }()

  @Test("Linear ticks are 3 to 10 round numbers inside the range, evenly apart", arguments: 3...7)
  func linear(wanted: Int) {
    for range in Self.ranges {
      let ticks = Ticks.linear(in: range, wanted: wanted)
      #expect((3...10).contains(ticks.count), "\(ticks.count) in \(range)")
      let length = range.upperBound - range.lowerBound
      // Ends may miss by the rounding of the division by the step.
      #expect(ticks.allSatisfy { $0.value >= range.lowerBound - 1e-9 * length })
      #expect(ticks.allSatisfy { $0.value <= range.upperBound + 1e-9 * length })
      let steps = zip(ticks.dropFirst(), ticks).map { $0.value - $1.value }
      let step = steps.first ?? 0
      #expect(steps.allSatisfy { abs($0 - step) < 1e-6 * step })
      var mantissa = step
      while mantissa < 0.999 { mantissa *= 10 }
      while mantissa >= 9.99 { mantissa /= 10 }
      #expect([1, 2, 5].contains { abs(mantissa - $0) < 1e-5 }, "a step of \(step)")
      #expect(Set(ticks.map(\.label)).count == ticks.count)
    }
  }

  @Test("Labels are exact decimals")
  func labels() {
    #expect(Ticks.linear(in: 0...1, wanted: 5).map(\.label) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(Ticks.linear(in: -1...1, wanted: 4).map(\.label) == ["−1.0", "−0.5", "0.0", "0.5", "1.0"])
    #expect(Decimals.text(-15, exponent: -1) == "−1.5")
    #expect(Decimals.text(3, exponent: 4) == "30000")
    #expect(Decimals.text(7, exponent: -3) == "0.007")
    #expect(Ticks.compact(0.25) == "0.25")
    #expect(Ticks.compact(9.996) == "10")
    #expect(Ticks.compact(3.4e-7) == "3.4 × 10⁻⁷")
    #expect(Ticks.compact(0) == "0")
  }

  @Test("A range without length, or too narrow for its numbers, has one tick")
  func degenerate() {
    #expect(Ticks.linear(in: 3...3).map(\.value) == [3])
    #expect(Ticks.linear(in: 1e9...(1e9 + 1e-6)).count == 1)
  }

  @Test(
    "Time is written in seconds, minutes and hours",
    arguments: [
      (6.0, "time (s)", "1"), (100, "time (s)", "20"), (300, "time (min:s)", "1:00"),
      (7200, "time (h:min:s)", "0:30:00"),
    ])
  func time(end: Double, axis: String, second: String) {
    let ticks = Ticks.time(in: 0...end)
    #expect((3...10).contains(ticks.count))
    #expect(Ticks.timeLabel(for: 0...end) == axis)
    #expect(ticks.map(\.label).contains(second), "\(ticks.map(\.label))")
  }

  @Test("Every time range has 3 to 10 ticks")
  func timeCount() {
    var end = 0.01
    while end < 1e7 {
      #expect((3...10).contains(Ticks.time(in: 0.003...end + 0.003).count), "up to \(end) s")
      end *= 1.07
    }
  }
}

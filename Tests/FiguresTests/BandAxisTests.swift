import Figures
import Testing

struct BandAxisTests {
  /// The centres of 64 bands from 125 to 7500 Hz, equally far apart on the HTK mel scale, as in YAMNet.
  static let mel: [Double] = {
    // mel = 1127 ln(1 + f / 700), so equal steps of mel are equal factors of 1 + f / 700.
    let factor = (1 + 7500.0 / 700) / (1 + 125.0 / 700)
    func root(_ value: Double, _ degree: Int) -> Double {
      var estimate = 1.05
      for _ in 0..<200 {
        var power = 1.0
        for _ in 1..<degree { power *= estimate }
        estimate -= (power * estimate - value) / (Double(degree) * power)
      }
      return estimate
    }
    let step = root(factor, 65)
    var value = 1 + 125.0 / 700
    return (0..<64).map { _ in
      value *= step
      return 700 * (value - 1)
    }
  }()

  @Test("Ticks are octaves of 125 Hz where the range holds three")
  func octaves() throws {
    let axis = try BandAxis(centres: Self.mel)
    #expect(axis.ticks(spacing: 1).map(\.label) == ["250", "500", "1k", "2k", "4k"])
  }

  @Test("Ticks keep their distance; the lower one of two too near goes")
  func spacing() throws {
    let ticks = try BandAxis(centres: Self.mel).ticks(spacing: 9)
    #expect(ticks.last?.label == "4k")
    let axis = try BandAxis(centres: Self.mel)
    let places = ticks.map { axis.position(of: $0.value) }
    #expect(zip(places.dropFirst(), places).allSatisfy { $0 - $1 >= 9 })
  }

  @Test("A narrow range has round linear ticks inside it")
  func narrow() throws {
    let axis = try BandAxis(centres: (0..<16).map { 3000 + 20 * Double($0) })
    let ticks = axis.ticks(spacing: 1)
    #expect((3...10).contains(ticks.count))
    #expect(ticks.allSatisfy { axis.edges.contains($0.value) })
    #expect(ticks.map(\.label).contains("3.1k"))
  }

  @Test("Positions interpolate between centres and end at the picture's edges")
  func positions() throws {
    let axis = try BandAxis(centres: [100, 200, 400])
    #expect(axis.position(of: 100) == 0)
    #expect(axis.position(of: 150) == 0.5)
    #expect(axis.position(of: 300) == 1.5)
    #expect(axis.position(of: 1e6) == 2.5)
    #expect(axis.position(of: 0) == -0.5)
    #expect(axis.edges == 50...500)
  }

  @Test("One band has one tick, at its centre")
  func oneBand() throws {
    #expect(try BandAxis(centres: [440]).ticks(spacing: 1).map(\.label) == ["440"])
  }

  @Test(
    "Centres out of order, negative or not finite are refused",
    arguments: [[2, 1], [1, 1], [-1, 2], [1, .nan]])
  func refused(centres: [Double]) {
    #expect(throws: FigureError.self) { try BandAxis(centres: centres) }
  }

  @Test("A position has its frequency, a frequency its place among the centres")
  func inverse() throws {
    let axis = try BandAxis(centres: [100, 200, 400, 1000])
    for position in stride(from: -0.5, through: 3.5, by: 0.125) {
      #expect(abs(axis.position(of: axis.frequency(at: position)) - position) < 1e-9)
    }
    #expect([50, 100, 101, 400, 999, 2000].map { axis.count(below: $0) } == [0, 0, 1, 2, 3, 4])
    #expect(try BandAxis(centres: [70]).frequency(at: 0.4) == 70)
  }
}

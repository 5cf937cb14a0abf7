import Explain
import Tensors
import TestSupport
import Testing

struct AverageEvidenceTests {
  private let centres = [250.0, 500, 1000]

  private func average(_ clips: [(Tensor, frames: Int)]) -> AverageEvidence {
    var average = AverageEvidence()
    for (map, frames) in clips {
      average.add(EvidenceShares(of: map, bandCentres: centres), frames: frames)
    }
    return average
  }

  @Test("Each clip counts the same, whatever its length and loudness; signs do not matter")
  func mean() throws {
    // All of one clip's evidence lies in the first band, all of a louder and longer one's in the last.
    let first = Tensor([10, 3], (0..<30).map { $0 % 3 == 0 ? Float(-1) : 0 })
    let last = Tensor([50, 3], (0..<150).map { $0 % 3 == 2 ? Float(100) : 0 })
    let average = average([(first, 10), (last, 50), (last, 50)])
    #expect(average.clips == 3 && average.empty == 0)
    let bands = average.overBands()
    // Shares are single precision.
    for (estimate, expected) in zip(bands, [1.0 / 3, 0, 2.0 / 3]) {
      #expect(abs(estimate.value - expected) < 1e-6)
      #expect(estimate.low <= estimate.value + 1e-6 && estimate.value <= estimate.high + 1e-6)
    }
    #expect(bands[0].low < 0.01 && bands[0].high > 0.9)
    #expect(average.overOctaves().map(\.centre) == centres)
    for (octave, band) in zip(average.overOctaves(), bands) {
      #expect(abs(octave.share.value - band.value) < 1e-6)
    }
    for moment in average.overTime() { #expect(abs(moment.value - 0.04) < 1e-6) }
  }

  @Test("Time is relative to the clip, without its padding", arguments: [5, 25, 40, 96])
  func relativeTime(frames: Int) throws {
    // All in the first fifth of the clip; what lies in the padding does not count.
    var map = Tensor([frames + 7, 3])
    map.withUnsafeMutableValues { values in
      for place in 0..<frames / 5 * 3 { values[place] = 1 }
      for place in frames * 3..<(frames + 7) * 3 { values[place] = 5 }
    }
    let time = average([(map, frames)]).overTime().map(\.value)
    #expect(time.count == AverageEvidence.moments)
    #expect(abs(time.reduce(0, +) - 1) < 1e-9)
    let fifth = Double(frames / 5) / Double(frames) * 25
    for (place, share) in time.enumerated() {
      let inside = min(max(fifth - Double(place), 0), 1)
      #expect(abs(share - inside / fifth) < 1e-6)
    }
  }

  @Test("Clips without any evidence are counted apart; of nothing there is no curve")
  func empty() {
    let average = average([(Tensor([4, 3]), 4), (Tensor([4, 3], repeating: 2), 4)])
    #expect(average.clips == 1 && average.empty == 1)
    #expect(average.overBands().allSatisfy { abs($0.value - 1.0 / 3) < 1e-6 && $0.low == $0.high })
    #expect(AverageEvidence().overBands().isEmpty && AverageEvidence().overTime().isEmpty)
  }
}

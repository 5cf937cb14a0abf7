import Explain
import Tensors
import TestSupport
import Testing

struct EvidenceSharesTests {
  private let centres = [100.0, 180, 400, 700, 720, 1000, 1400, 1420, 3000]

  @Test("Shares of the magnitude, by moment, band and octave")
  func shares() {
    let map = Tensor.random([4, 9], seed: 3)
    let shares = EvidenceShares(of: map, bandCentres: centres)
    let whole = map.values.reduce(0.0) { $0 + Double(abs($1)) }
    for frame in 0..<4 {
      let sum = (0..<9).reduce(0.0) { $0 + Double(abs(map.values[frame * 9 + $1])) }
      #expect(abs(Double(shares.overTime[frame]) - sum / whole) < 1e-6)
    }
    for band in 0..<9 {
      let sum = (0..<4).reduce(0.0) { $0 + Double(abs(map.values[$1 * 9 + band])) }
      #expect(abs(Double(shares.overBands[band]) - sum / whole) < 1e-6)
    }
    // 125 Hz spans 88 to 177, 250 Hz to 354, 500 Hz to 707, 1 kHz to 1414, 2 kHz to 2828, 4 kHz to 5657.
    #expect(shares.octaves.map(\.centre) == [125, 250, 500, 1000, 2000, 4000])
    let members = [[0], [1], [2, 3], [4, 5, 6], [7], [8]]
    for (octave, bands) in zip(shares.octaves, members) {
      let sum = bands.reduce(0.0) { $0 + Double(shares.overBands[$1]) }
      #expect(abs(octave.share - sum) < 1e-6)
    }
    #expect(abs(shares.octaves.reduce(0) { $0 + $1.share } - 1) < 1e-6)
  }

  @Test("No evidence, no frames: zeros, and never NaN")
  func nothing() {
    let none = EvidenceShares(of: Tensor([4, 9]), bandCentres: centres)
    #expect(none.overTime == [0, 0, 0, 0] && none.octaves.allSatisfy { $0.share == 0 })
    let empty = EvidenceShares(of: Tensor([0, 9]), bandCentres: centres)
    #expect(empty.overTime.isEmpty && empty.overBands == [Float](repeating: 0, count: 9))
  }
}

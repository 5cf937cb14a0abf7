import Foundation
import Tensors

/// `TinyNetwork.listener` as loops in double precision, one picture at a time.
struct NaiveListener {
  /// `[2, 8, 8]`.
  var kernel = TinyNetwork.listener.weights[0].values

  static let (frames, bands) = (96, 64)
  static let size = frames * bands
  private static let cells = frames / 8 * (bands / 8)

  /// What the kernel of a class gives in each cell of 8 x 8 bins.
  private func cells(_ x: [Float], _ target: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: Self.cells)
    for place in 0..<Self.size { sums[cell(place)] += Double(x[place]) * Double(weight(place, target)) }
    return sums
  }

  private func cell(_ place: Int) -> Int {
    place / Self.bands / 8 * (Self.bands / 8) + place % Self.bands / 8
  }

  private func weight(_ place: Int, _ target: Int) -> Float {
    kernel[target * 64 + place / Self.bands % 8 * 8 + place % Self.bands % 8]
  }

  func logit(_ x: [Float], _ target: Int) -> Double {
    cells(x, target).reduce(0) { $0 + max(0, $1) } / Double(Self.cells)
  }

  func probability(_ x: [Float], _ target: Int) -> Double {
    1 / (1 + exp(logit(x, 1 - target) - logit(x, target)))
  }

  /// `|∂logit/∂x|`.
  func saliency(_ x: [Float], _ target: Int) -> [Float] {
    let sums = cells(x, target)
    return (0..<Self.size).map { sums[cell($0)] > 0 ? abs(weight($0, target)) / Float(Self.cells) : 0 }
  }

  /// With its kernel shuffled from the last value to the first: Fisher and Yates, by SplitMix64 from `seed`.
  func shuffled(seed: UInt64) -> NaiveListener {
    var other = self
    var state = seed
    for place in stride(from: kernel.count - 1, to: 0, by: -1) {
      state &+= 0x9E37_79B9_7F4A_7C15
      var bits = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
      other.kernel.swapAt(place, Int((bits ^ (bits >> 31)) % UInt64(place + 1)))
    }
    return other
  }
}

/// Spearman's rank correlation by counting, for each value, how many are smaller and how many the same.
func naiveRankCorrelation(_ a: [Float], _ b: [Float]) -> Double {
  func ranks(_ values: [Float]) -> [Double] {
    let counts = Dictionary(grouping: values) { $0 }.mapValues(\.count)
    let distinct = counts.keys.sorted()
    return values.map { value in
      let smaller = distinct.prefix { $0 < value }.reduce(0) { $0 + (counts[$1] ?? 0) }
      return Double(smaller) + Double((counts[value] ?? 0) + 1) / 2
    }
  }
  let (x, y) = (ranks(a), ranks(b))
  let mean = Double(a.count + 1) / 2
  func product(_ x: [Double], _ y: [Double]) -> Double {
    zip(x, y).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
  }
  return product(x, y) / (product(x, x) * product(y, y)).squareRoot()
}

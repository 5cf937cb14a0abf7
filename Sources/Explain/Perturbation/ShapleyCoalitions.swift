import Tensors

/// Coalitions of some but not all parts, so weighted that a regression on them has the Shapley kernel:
/// `w(z) = (M − 1) / (C(M, k) k (M − k))` for `k` of `M` parts, up to a common factor.
///
/// All of them where `2^M` are no more than the samples. Otherwise sizes are taken whole as long as the samples pay for
/// them, from the smallest and the largest inwards, where the kernel is heaviest; the rest are drawn, their sizes by the
/// kernel, and share its weight. A coalition is followed by its complement, so that what is even in `z` cancels.
/// `shap.KernelExplainer`'s way, but that there only drawn halves, `2 k = M`, come without their complement.
struct ShapleyCoalitions: Sequence, IteratorProtocol {
  let parts: Int
  /// How many there will be.
  let count: Int

  /// For the sizes `1...`, the kernel's share of all coalitions of that size and of their complements.
  private let shares: [Double]
  /// As many of the sizes are taken whole.
  private let wholeSizes: Int
  private let drawnWeight: Double
  private var drawsLeft: Int
  private var generator: GaussianGenerator
  /// The last combination of a size that is taken whole.
  private var combination: [Int] = []
  private var complement: Coalition?

  init(parts: Int, samples: Int, seed: UInt64) {
    self.parts = parts
    generator = GaussianGenerator(seed: seed)
    // A size and its complement's size are one.
    let weights = (1..<Swift.max(1, parts / 2 + 1)).filter { $0 < parts }.map { size in
      Double(parts - 1) / Double(size * (parts - size)) * (2 * size == parts ? 1 : 2)
    }
    let total = weights.reduce(0, +)
    shares = weights.map { $0 / total }
    let fitsWhole = parts < 40 && 1 << parts <= samples
    var (left, remaining, whole, enumerated) = (Double(samples), 1.0, 0, 0)
    for (index, share) in shares.enumerated() {
      let number = Self.number(of: index + 1, among: parts)
      guard fitsWhole || left * share / remaining >= number * (1 - 1e-8) else { break }
      whole += 1
      left -= number
      enumerated += Int(number)
      remaining = Swift.max(remaining - share, 1e-300)
    }
    wholeSizes = whole
    let draws = whole == shares.count ? 0 : Swift.max(1, Int(left) / 2)
    drawsLeft = draws
    drawnWeight = draws == 0 ? 0 : shares[whole...].reduce(0, +) / Double(2 * draws)
    count = enumerated + 2 * draws
  }

  /// Coalitions of that size and their complements.
  private static func number(of size: Int, among parts: Int) -> Double {
    let combinations = (0..<size).reduce(1.0) { ($0 * Double(parts - $1) / Double($1 + 1)).rounded() }
    return 2 * size == parts ? combinations : 2 * combinations
  }

  mutating func next() -> Coalition? {
    if let complement {
      self.complement = nil
      return complement
    }
    if let kept = nextCombination() {
      let weight = shares[kept.count - 1] / Self.number(of: kept.count, among: parts)
      // Halves are their own complements' complements: all of them come by themselves.
      return pair(kept, weight, alone: 2 * kept.count == parts)
    }
    guard drawsLeft > 0 else { return nil }
    drawsLeft -= 1
    return pair(draw(), drawnWeight, alone: false)
  }

  private mutating func pair(_ members: [Int], _ weight: Double, alone: Bool) -> Coalition {
    var kept = [Bool](repeating: false, count: parts)
    for member in members { kept[member] = true }
    if !alone { complement = Coalition(kept: kept.map { !$0 }, weight: weight) }
    return Coalition(kept: kept, weight: weight)
  }

  /// The combinations of the sizes taken whole, in order.
  private mutating func nextCombination() -> [Int]? {
    let size = combination.count
    if let place = combination.indices.last(where: { combination[$0] < parts - size + $0 }) {
      let first = combination[place] + 1
      for index in place..<size { combination[index] = first + index - place }
    } else if size < wholeSizes {
      combination = Array(0...size)
    } else {
      return nil
    }
    return combination
  }

  /// Members of a random coalition of a size not taken whole.
  private mutating func draw() -> [Int] {
    let sizes = shares[wholeSizes...]
    var rest = Double(generator.uniform()) * sizes.reduce(0, +)
    let size =
      (sizes.firstIndex { share in
        rest -= share
        return rest <= 0
      } ?? sizes.endIndex - 1) + 1
    var members = Array(0..<parts)
    for index in 0..<size { members.swapAt(index, index + generator.index(below: parts - index)) }
    return Array(members[..<size])
  }
}

extension GaussianGenerator {
  /// A whole number from 0..<count.
  mutating func index(below count: Int) -> Int { Int(Double(1 - uniform()) * Double(count)) }
}

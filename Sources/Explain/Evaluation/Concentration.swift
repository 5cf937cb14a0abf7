import Glibc
public import Tensors

/// How much of a map lies in how few places.
public enum Concentration {
  /// The Gini index of `|a| + 1e-7`: `Σ_i (2 i − n − 1) a_i / (n Σ a)` over the sorted values; 0 for a constant map, near 1
  /// for a single point. Chalasani et al., ICML 2020; Quantus' `Sparseness`.
  public static func sparseness(_ map: Tensor) -> Double {
    let sorted = map.values.map { abs(Double($0)) + 1e-7 }.sorted()
    let count = Double(sorted.count)
    let sum = sorted.reduce(0, +)
    guard sum > 0 else { return 0 }
    return sorted.enumerated().reduce(0) { $0 + (2 * Double($1.offset + 1) - count - 1) * $1.element }
      / (count * sum)
  }

  /// `−Σ p ln p` of `p = |a| / Σ |a|`, in nats; that of a constant map, the most there is, for a map of zeros. Bhatt et al.,
  /// IJCAI 2020; Quantus' `Complexity`.
  public static func entropy(_ map: Tensor) -> Double {
    let magnitudes = map.values.map { abs(Double($0)) }
    let sum = magnitudes.reduce(0, +)
    guard sum > 0 else { return log(Double(max(1, magnitudes.count))) }
    return -magnitudes.reduce(0) { $0 + ($1 > 0 ? $1 / sum * log($1 / sum) : 0) }
  }
}

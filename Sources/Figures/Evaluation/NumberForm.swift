import Glibc

/// How the numbers of one column are written: all with the same decimals, or each with three digits where they are
/// quantities (as seconds) that differ by orders of magnitude.
package enum NumberForm: Sendable, Equatable {
  case places(Int)
  case digits

  package init(for values: [Double], unit: String) {
    let sizes = values.lazy.map { abs($0) }.filter { $0.isFinite && $0 > 0 }
    guard let largest = sizes.max(), let smallest = sizes.min() else {
      self = .places(2)
      return
    }
    // Shares keep their decimals, however small one of them is.
    let isQuantity = !unit.isEmpty && unit != "%" && !values.contains { $0 < 0 }
    let isWide = isQuantity && largest / smallest > 50
    if isWide || largest >= 1e5 || largest < 1e-4 {
      self = .digits
      return
    }
    self = .places(largest >= 99.5 ? 0 : largest >= 10 ? 1 : largest >= 0.1 ? 2 : largest >= 0.01 ? 3 : 4)
  }

  package func text(_ value: Double) -> String {
    switch self {
    case .places(let places): Decimals.text(value, places: places)
    case .digits: Ticks.compact(value)
    }
  }
}

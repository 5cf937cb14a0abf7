public import Tensors

/// Whether a map points to where the answer is known to lie.
public enum Localisation {
  /// Whether any maximum of the map lies inside; false for a constant map, which points nowhere. Zhang et al., IJCV 2018;
  /// Quantus' `PointingGame`.
  public static func points(_ map: Tensor, into region: Tensor) -> Bool {
    let values = map.values
    guard let highest = values.max(), let least = values.min(), highest > least else { return false }
    return zip(values, region.values).contains { $0 == highest && $1 > 0 }
  }

  /// The share of the positive evidence inside; 0 where there is none. Arras et al., Information Fusion 2022; Quantus'
  /// `RelevanceMassAccuracy`.
  public static func mass(_ map: Tensor, in region: Tensor) -> Double {
    var (inside, whole) = (0.0, 0.0)
    for (value, isInside) in zip(map.values, region.values) where value > 0 {
      whole += Double(value)
      if isInside > 0 { inside += Double(value) }
    }
    return whole > 0 ? inside / whole : 0
  }

  /// Of the `k` highest bins the share inside, `k` the size of the region; bins of equal height go in an order drawn at
  /// random. Arras et al., 2022; Quantus' `RelevanceRankAccuracy`.
  public static func rank(_ map: Tensor, in region: Tensor) -> Double {
    let region = region.values
    let size = region.count { $0 > 0 }
    guard size > 0 else { return 0 }
    let inside = Trial.order(of: map.values).prefix(size).count { region[$0] > 0 }
    return Double(inside) / Double(size)
  }
}

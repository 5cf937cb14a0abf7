/// How a batch is cut: into runs of `size` rows, of which `lanes` are under way at a time, each on one thread. A single
/// lane has all threads.
struct BatchCut: Hashable {
  var size: Int
  var lanes: Int

  /// A cut of which each run may take `allowed` bytes, where this one's took `needed`.
  func smaller(_ needed: Int, _ allowed: Int) -> BatchCut {
    guard size > 1 else { return BatchCut(size: 1, lanes: 1) }
    return BatchCut(
      size: max(1, min(size - 1, Int(Double(size) * Double(allowed) / Double(needed)))), lanes: lanes)
  }
}

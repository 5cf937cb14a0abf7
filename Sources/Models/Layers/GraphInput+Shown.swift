public import Graphs

extension GraphInput {
  /// `[N, 1, 96, 64]`
  public var shownShape: String {
    dimensions.map { "[" + $0.map(\.description).joined(separator: ", ") + "]" } ?? "of unknown shape"
  }
}

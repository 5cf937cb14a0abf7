import Files
package import Graphs

/// Where the time of a piece of work goes: a row for each kind of kernel, and the slowest kernels.
package struct KernelTable: Codable, Sendable {
  package let kinds: [Row]
  /// In the order in which they run.
  package let kernels: [Row]

  package struct Row: Codable, Sendable {
    /// The operation and those fused behind it.
    package let kind: String
    /// One node's; nil where a row stands for several.
    package let node: String?
    package let implementation: String?
    /// How results lie.
    package let layout: String
    package let extents: [Int]?
    /// Kernels in a run.
    package let kernels: Int
    /// Of one run.
    package let seconds: Double
    package let share: Double
    package let gigaflops: Double
    package let gigabytesPerSecond: Double
    package let shareOfPeak: Double

    private enum CodingKeys: String, CodingKey {
      case kind, node, implementation, layout, kernels, share
      case extents = "shape"
      case seconds = "s"
      case gigaflops = "gflops"
      case gigabytesPerSecond = "gbytes_per_s"
      case shareOfPeak = "share_of_peak"
    }
  }

  /// - Parameters:
  ///   - runs: how often the work was done meanwhile.
  ///   - peak: multiply-accumulates a second.
  package init(_ profile: KernelProfile, runs: Int, peak: Double) {
    let total = max(profile.seconds, .leastNormalMagnitude)
    func row(_ kernels: [KernelProfile.Kernel], isOne: Bool) -> Row {
      let seconds = max(kernels.reduce(0) { $0 + $1.seconds }, .leastNormalMagnitude)
      func sum(_ value: (KernelProfile.Kernel.Identity) -> Int) -> Double {
        kernels.reduce(0) { $0 + Double(value($1.identity)) * Double($1.runs) }
      }
      let layouts = Set(kernels.map(\.identity.layout)).sorted()
      let rate = sum(\.multiplyAccumulates) / seconds
      return Row(
        kind: kernels[0].identity.kind, node: isOne ? kernels[0].identity.node : nil,
        implementation: isOne ? kernels[0].identity.implementation : nil,
        layout: layouts.joined(separator: ", "), extents: isOne ? kernels[0].identity.extents : nil,
        kernels: (kernels.reduce(0) { $0 + $1.runs } + runs - 1) / runs, seconds: seconds / Double(runs),
        share: seconds / total, gigaflops: 2e-9 * rate, gigabytesPerSecond: 1e-9 * sum(\.bytes) / seconds,
        shareOfPeak: rate / peak)
    }
    kernels = profile.kernels.map { row([$0], isOne: true) }
    kinds = Dictionary(grouping: profile.kernels, by: \.identity.kind).values.map { row($0, isOne: false) }
      .sorted { ($1.seconds, $0.kind) < ($0.seconds, $1.kind) }
  }

  /// For people, in lines.
  package func lines(slowest count: Int = 12) -> [String] {
    var lines = [Self.line(["ms", "share", "GFLOP/s", "of peak", "GB/s", "kernels", "operation (layout)"])]
    for row in kinds { lines.append(Self.line(row, "\(row.kind) (\(row.layout))")) }
    let reorders = kinds.filter { $0.kind == KernelProfile.reorderKind }
    let (number, seconds) = reorders.reduce((0, 0.0)) { ($0.0 + $1.kernels, $0.1 + $1.seconds) }
    lines.append(
      "  \(number) \(number == 1 ? "reorder" : "reorders") between layouts, "
        + "\(NumberText.rounded(1000 * seconds, digits: 3)) ms")
    lines.append("  the slowest kernels:")
    for row in kernels.sorted(by: { $0.seconds > $1.seconds }).prefix(count) {
      let extents = (row.extents ?? []).map(String.init).joined(separator: " x ")
      lines.append(
        Self.line(
          row,
          "\(row.kind), '\(row.node ?? "")': \(extents), \(row.layout), \(row.implementation ?? "")"))
    }
    return lines
  }

  private static func line(_ row: Row, _ words: String) -> String {
    line([
      NumberText.rounded(1000 * row.seconds, digits: 3),
      "\(NumberText.rounded(100 * row.share, digits: 3)) %",
      NumberText.rounded(row.gigaflops, digits: 3), "\(Int((100 * row.shareOfPeak).rounded())) %",
      NumberText.rounded(row.gigabytesPerSecond, digits: 3), "\(row.kernels)", words,
    ])
  }

  /// Columns to the right, the last one to the left.
  private static func line(_ cells: [String]) -> String {
    let widths = [9, 8, 9, 8, 8, 8]
    return zip(cells, widths).map { cell, width in
      String(repeating: " ", count: max(1, width - cell.count)) + cell
    }.joined() + "  " + cells[cells.count - 1]
  }
}

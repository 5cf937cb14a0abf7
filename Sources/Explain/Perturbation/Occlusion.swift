public import Tensors

/// Occlusion: how much the score falls when a window of the input is replaced by a baseline, averaged over the windows
/// that cover a bin: `mean over windows ∋ bin of score(x) − score(x with the window replaced)`.
///
/// Zeiler and Fergus, 2014; Captum's `Occlusion`: windows begin every `strides` places, `⌈(extent − window) / stride⌉ + 1`
/// of them along each axis, and the last is cut short at the border.
public struct Occlusion: InputMethod {
  /// The window's extents along the last axes of the input, `whole` where it takes all of one; it takes the other axes
  /// whole, too.
  public let window: [Int]
  public let strides: [Int]
  /// What a window is replaced by.
  public let baseline: Baseline

  /// Told the number of windows done, over all rows.
  public var control = RunControl()

  /// - Parameter strides: nil for windows side by side.
  public init(window: [Int] = [16, 16], strides: [Int]? = nil, baseline: Baseline = .constant(0)) {
    self.window = window
    self.strides = strides ?? window
    self.baseline = baseline
  }

  /// An extent that takes an axis whole: such a window has one place along it.
  public static let whole = Int.max

  public var usesBaseline: Bool { true }

  public func parameters(at x: Tensor) -> [(name: String, value: String)] {
    [
      ("window", "\(Self.described(window)) frames, bands"),
      ("strides", "\(Self.described(strides)) frames, bands"),
    ]
  }

  static func described(_ extents: [Int]) -> String {
    "[" + extents.map { $0 == whole ? "all" : String($0) }.joined(separator: ", ") + "]"
  }

  /// - Throws: `ExplainError.window` where the window has other axes than the input, or none of its extents is left.
  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    let rows = x.shape[0]
    guard !window.isEmpty, window.count < x.shape.rank, strides.count == window.count,
      (window + strides).allSatisfy({ $0 > 0 })
    else { throw ExplainError.window(window, strides: strides, input: x.shape) }
    let row = Array(x.shape.dimensions.dropFirst())
    guard rows > 0, x.count > 0 else { return x }
    let windows = self.windows(over: row)
    let baselines = try baseline.rows(like: x)
    let size = x.count / rows
    let step = copiesAtOnce(ofRow: size, atMost: 128, of: windows.count)
    return try x.eachRow { index, clean in
      let nothing = baselines.rows(index..<index + 1)
      let score = Double(try function.scores(at: clean)[0])
      var sums = [Double](repeating: 0, count: size)
      var counts = [Double](repeating: 0, count: size)
      for start in stride(from: 0, to: windows.count, by: step) {
        let part = windows[start..<min(start + step, windows.count)]
        let scores = try function.scores(at: Self.occluded(clean, by: nothing, part), differingFrom: clean)
        for (window, occluded) in zip(part, scores) {
          for range in window {
            for place in range {
              sums[place] += score - Double(occluded)
              counts[place] += 1
            }
          }
        }
        try control.report(index * windows.count + part.endIndex, of: rows * windows.count)
      }
      // Strides longer than the window leave bins that no window covers: nothing is known of them.
      return Tensor(clean.shape, zip(sums, counts).map { $1 > 0 ? Float($0 / $1) : 0 })
    }
  }

  /// A window as runs of neighbouring elements of a row.
  private typealias Window = [Range<Int>]

  private func windows(over row: [Int]) -> [Window] {
    let lead = row.count - window.count
    var ranges: [[Range<Int>]] = [[]]
    for (axis, extent) in row.enumerated() {
      var choices = [0..<extent]
      if axis >= lead {
        let (length, step) = (window[axis - lead], strides[axis - lead])
        let count = extent > length ? (extent - length + step - 1) / step + 1 : 1
        choices = (0..<count).map { min($0 * step, extent)..<min($0 * step + length, extent) }
      }
      ranges = ranges.flatMap { known in choices.map { known + [$0] } }
    }
    return ranges.filter { $0.allSatisfy { !$0.isEmpty } }.map { ranges in
      var starts = [0]
      for (axis, range) in ranges.enumerated().dropLast() {
        starts = starts.flatMap { start in range.map { (start + $0) * row[axis + 1] } }
      }
      guard let last = ranges.last else { return [] }
      return starts.map { $0 + last.lowerBound..<$0 + last.upperBound }
    }
  }

  /// Copies of a row, in each of which one window is replaced by what `nothing` has there.
  private static func occluded(_ row: Tensor, by nothing: Tensor, _ windows: ArraySlice<Window>) -> Tensor {
    let size = row.count
    return Tensor(unsafeUninitialized: Shape([windows.count] + row.shape.dimensions.dropFirst())) { result in
      row.withUnsafeValues { row in
        nothing.withUnsafeValues { nothing in
          for (copy, window) in windows.enumerated() {
            let copy = UnsafeMutableBufferPointer(rebasing: result[copy * size..<(copy + 1) * size])
            _ = copy.update(fromContentsOf: row)
            for run in window { for place in run { copy[place] = nothing[place] } }
          }
        }
      }
    }
  }
}

extension AttributionMethod {
  public static let occlusion = AttributionMethod(
    "occlusion", title: "Occlusion", quantity: "fall of the logit"
  ) { settings in
    var method = Occlusion(
      window: settings.window, strides: settings.strides, baseline: settings.nothing)
    method.control = settings.control
    return .input(method)
  }

  /// Groups of neighbouring bands, over all frames.
  public static let occlusionBands = occlusion("occlusion-bands", title: "Occlusion of bands") { extents in
    [Occlusion.whole, extents.last ?? 1]
  }

  /// Slices of time, over all bands.
  public static let occlusionTime = occlusion("occlusion-time", title: "Occlusion of time slices") {
    extents in
    [extents.dropLast().last ?? extents.last ?? 1, Occlusion.whole]
  }

  /// - Parameter kept: which of the window's extents and strides are left, the others whole.
  private static func occlusion(
    _ name: String, title: String, _ kept: @escaping @Sendable ([Int]) -> [Int]
  ) -> AttributionMethod {
    AttributionMethod(name, title: title, quantity: "fall of the logit") { settings in
      var method = Occlusion(
        window: kept(settings.window), strides: settings.strides.map(kept), baseline: settings.nothing)
      method.control = settings.control
      return .input(method)
    }
  }
}

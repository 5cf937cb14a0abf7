public import Tensors

/// RISE: which bins are seen when the score is high, over random masks `m` in 0...1.
///
/// `(1 / N p) Σ_i (s_i − s̄) m_i`, with `s_i` the score of `b + m_i · (x − b)`, `b` the baseline, `s̄` the mean of the `N`
/// scores, and `p` the probability that a cell of a mask's grid is open. Petsiuk et al., BMVC 2018, explain a probability
/// and do without `s̄`. Here the score is a logit, which has no natural zero: its mean would add the mean of the masks,
/// the same everywhere but for noise, and with it most of the variance.
///
/// Masks are the authors': see ``RandomMasks``. They cover the last two axes, all channels alike; a row of one axis is all
/// frames.
public struct RISE: InputMethod {
  /// Masks; at least one.
  public let samples: Int
  /// That a cell is open.
  public let probability: Double
  /// Cells of a mask over the row.
  public let grid: SegmentGrid
  public let baseline: Baseline
  public let seed: UInt64
  /// Told the number of masks done, over all rows.
  public var control = RunControl()

  /// `[N, frames, bands]`, instead of drawn ones.
  private let masks: Tensor?

  public init(
    samples: Int = 4000, probability: Double = 0.5, grid: SegmentGrid = RISE.grid,
    baseline: Baseline = .constant(0),
    seed: UInt64 = 0
  ) {
    precondition(probability > 0 && probability <= 1, "a probability of \(probability)")
    self.samples = max(1, samples)
    (self.probability, self.grid, self.baseline, self.seed) = (probability, grid, baseline, seed)
    masks = nil
  }

  /// With masks of one's own.
  ///
  /// - Parameters:
  ///   - masks: `[N, frames, bands]`.
  ///   - probability: the mean of a mask.
  public init(masks: Tensor, probability: Double = 0.5, baseline: Baseline = .constant(0)) {
    precondition(probability > 0 && probability <= 1, "a probability of \(probability)")
    samples = masks.shape.dimensions.first ?? 0
    (self.probability, self.masks, self.baseline) = (probability, masks, baseline)
    (grid, seed) = (Self.grid, 0)
  }

  /// The paper's 7 by 7 for photographs; the authors' code has 8 by 8.
  public static let grid = SegmentGrid(frames: 8, bands: 8)

  public var usesBaseline: Bool { true }

  public func parameters(at x: Tensor) -> [(name: String, value: String)] {
    let masks = masks == nil ? "\(grid.frames) by \(grid.bands) cells (frames, bands)" : "given"
    return [
      ("samples", String(samples)), ("masks", masks), ("open cells", "\(probability)"),
      ("scores", "centred on their mean"), ("seed", String(seed)),
    ]
  }

  /// - Throws: `ExplainError.masks` where given masks have not the shape of the rows.
  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    guard x.count > 0 else { return x }
    let rows = x.shape[0]
    let (frames, bands) = x.framesAndBands
    if let masks, masks.shape.dimensions != [samples, frames, bands] || samples == 0 {
      throw ExplainError.masks(expected: "[masks, \(frames), \(bands)]", got: masks.shape)
    }
    let baselines = try baseline.rows(like: x)
    let step = copiesAtOnce(ofRow: x.count / rows, atMost: 64, of: samples)
    return try x.eachRow { index, row in
      let nothing = baselines.rows(index..<index + 1)
      var drawn = RandomMasks(
        frames: frames, bands: bands, grid: grid, probability: probability,
        generator: GaussianGenerator(seed: seed))
      // Measured from the score of the row itself, so that a constant score leaves nothing to rounding.
      let reference = Double(try function.scores(at: row)[0])
      var sums = Sums(count: frames * bands)
      for start in stride(from: 0, to: samples, by: step) {
        let part = start..<min(start + step, samples)
        let masks = masks?.rows(part) ?? drawn.next(part.count)
        let scores = try function.scores(at: masks.overChannels(of: row).blending(row, over: nothing))
        sums.add(masks, scores.map { Double($0) - reference })
        try control.report(index * samples + part.upperBound, of: rows * samples)
      }
      let map = sums.centred(probability: probability)
      return Tensor(unsafeUninitialized: row.shape) { result in
        for place in result.indices { result[place] = Float(map[place % map.count]) }
      }
    }
  }

  /// `Σ m`, `Σ s m` and `Σ s`.
  private struct Sums {
    private var masks: [Double]
    private var products: [Double]
    private var scores = 0.0
    private var samples = 0.0

    init(count: Int) {
      masks = [Double](repeating: 0, count: count)
      products = masks
    }

    mutating func add(_ new: Tensor, _ scores: [Double]) {
      let size = masks.count
      new.withUnsafeValues { values in
        masks.withUnsafeMutableBufferPointer { masks in
          products.withUnsafeMutableBufferPointer { products in
            for (sample, score) in scores.enumerated() {
              let values = UnsafeBufferPointer(rebasing: values[sample * size..<(sample + 1) * size])
              for place in 0..<size {
                let mask = Double(values[place])
                masks[place] += mask
                products[place] += score * mask
              }
            }
          }
        }
      }
      self.scores += scores.reduce(0, +)
      samples += Double(scores.count)
    }

    func centred(probability: Double) -> [Double] {
      let mean = scores / samples
      return zip(products, masks).map { ($0 - mean * $1) / (samples * probability) }
    }
  }
}

/// RISE's masks: grids of cells that are open with a probability, brought bilinearly to one cell more than the row in
/// each direction, and cut out at a random place of the first cell.
///
/// The authors' `generate_masks`: cells of `⌈extent / s⌉` places, `skimage.transform.resize(order=1)` to `s + 1` cells,
/// that is, places' centres aligned, and mirrored about the centres of the outermost cells.
struct RandomMasks {
  let frames: Int
  let bands: Int
  let grid: SegmentGrid
  let probability: Double
  var generator: GaussianGenerator

  /// The next masks, `[count, frames, bands]`.
  mutating func next(_ count: Int) -> Tensor {
    let size = frames * bands
    return Tensor(unsafeUninitialized: [count, frames, bands]) { result in
      for mask in 0..<count {
        let open = (0..<grid.frames * grid.bands).map { _ in Double(generator.uniform()) <= probability }
        fill(
          UnsafeMutableBufferPointer(rebasing: result[mask * size..<(mask + 1) * size]), open,
          alongFrames: axis(frames, cells: grid.frames), alongBands: axis(bands, cells: grid.bands))
      }
    }
  }

  /// Where a place lies: the cells on both sides, and how far it is from the first.
  struct Place {
    let lower: Int
    let upper: Int
    let share: Float
  }

  /// The places of one axis, shifted at random.
  private mutating func axis(_ extent: Int, cells: Int) -> [Place] {
    let cell = (extent + cells - 1) / cells
    return Self.places(extent, cells: cells, shift: generator.index(below: cell))
  }

  static func places(_ extent: Int, cells: Int, shift: Int) -> [Place] {
    let cell = (extent + cells - 1) / cells
    func mirrored(_ index: Int) -> Int {
      let inside = index < 0 ? -index : index >= cells ? 2 * (cells - 1) - index : index
      return min(max(inside, 0), cells - 1)
    }
    return (0..<extent).map { place in
      let position = (Double(place + shift) + 0.5) * Double(cells) / Double((cells + 1) * cell) - 0.5
      let below = position.rounded(.down)
      return Place(
        lower: mirrored(Int(below)), upper: mirrored(Int(below) + 1), share: Float(position - below))
    }
  }

  private func fill(
    _ mask: UnsafeMutableBufferPointer<Float>, _ open: [Bool], alongFrames: [Place], alongBands: [Place]
  ) {
    let lines = (0..<grid.frames).flatMap { line in
      alongBands.map { place -> Float in
        let (a, b): (Float, Float) = (
          open[line * grid.bands + place.lower] ? 1 : 0, open[line * grid.bands + place.upper] ? 1 : 0
        )
        return a + place.share * (b - a)
      }
    }
    lines.withUnsafeBufferPointer { lines in
      func line(_ index: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: lines[index * bands..<(index + 1) * bands])
      }
      for (frame, place) in alongFrames.enumerated() {
        let (first, second, share) = (line(place.lower), line(place.upper), place.share)
        let row = UnsafeMutableBufferPointer(rebasing: mask[frame * bands..<(frame + 1) * bands])
        for band in 0..<bands { row[band] = first[band] + share * (second[band] - first[band]) }
      }
    }
  }
}

extension Tensor {
  /// These masks `[N, frames, bands]` for every channel of a row: `[N] + shape of the row`.
  fileprivate func overChannels(of row: Tensor) -> Tensor {
    let shape = Shape([self.shape[0]] + row.shape.dimensions.dropFirst())
    let size = self.shape[1] * self.shape[2]
    guard size < row.count else { return reshaped(to: shape) }
    return withUnsafeValues { masks in
      Tensor(unsafeUninitialized: shape) { result in
        for mask in 0..<self.shape[0] {
          for place in 0..<row.count { result[mask * row.count + place] = masks[mask * size + place % size] }
        }
      }
    }
  }
}

extension AttributionMethod {
  public static let rise = AttributionMethod("rise", title: "RISE", quantity: "logit (centred) · mask") {
    settings in
    var method = RISE(
      samples: settings.samples ?? 4000, grid: settings.grid(RISE.grid), baseline: settings.nothing,
      seed: settings.seed)
    method.control = settings.control
    return .input(method)
  }
}

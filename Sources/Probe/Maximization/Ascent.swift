import Glibc
package import Explain
package import Graphs
package import Tensors

/// Gradient ascent: changes pictures step by step until what is excited in a network is excited most.
///
/// A step evaluates all pictures as rows of one batch, moved along time by the same random shift, and changes what they are
/// functions of, by Adam as a rule, so that what grows is
///
///     score / size − Σ weight · regularizer(picture)
///
/// where `size`, the running root mean square of the score's gradient, makes weights mean the same for all units; with
/// ``Settings/isPlain`` it is 1, so that the optimum is that of `score − Σ weight · regularizer`. Where a canvas has a
/// range, regularizers see it as 0 to 1, and no step leaves it (``Canvas/Bounding``).
package struct Ascent: Sendable {
  package let network: Network
  package let excitation: Excitation
  package let canvases: [Canvas]
  package var settings: Settings

  package struct Settings: Sendable, Hashable {
    package var steps = 200
    package var update = Update.adam
    /// How far a step goes, in the units of what the pictures are functions of.
    package var rate: Float = 0.1
    /// The share of the steps at whose end the rate goes to nothing.
    package var settling = 0.5
    /// What closed ReLUs let through on the way back; nil for the true gradient.
    package var leak: Float? = 0.3
    /// So many steps are made with the leak; nil for all. Through many layers, what a leak lets through is no direction to go
    /// in. In the steps after these the activation that makes what is excited counts as open, up to half of all steps, and
    /// as long as a row is silent; all others have their true gradient.
    package var leakySteps: Int? = 16
    /// The largest shift along time, in frames.
    package var jitter = 0
    /// Weights are taken as they are, not relative to the gradient of the score.
    package var isPlain = false
    package var seed: UInt64 = 0

    package init() {}
  }

  /// How a gradient becomes a step.
  package enum Update: Sendable, Hashable {
    /// Kingma and Ba, 2015: each number by its own mean gradient over the root of its mean square.
    case adam
    /// The gradient over the mean of its magnitudes in the picture.
    case normalised
  }

  package init(_ network: Network, _ excitation: Excitation, _ canvases: [Canvas], settings: Settings) {
    precondition(canvases.allSatisfy { $0.rows == excitation.measures.count }, "a picture for each question")
    (self.network, self.excitation) = (network, excitation)
    (self.canvases, self.settings) = (canvases, settings)
  }

  /// What came of it.
  package struct Result: Sendable {
    /// Of each canvas, `[rows, frames, bands]`.
    package var pictures: [Tensor]
    /// What is excited in each row: at the beginning, after each step (of the moved picture), and at the end.
    package var first: [Double]
    package var curves: [[Double]]
    package var last: [Double]
    /// Of each row.
    package var endings: [Ending]
  }

  /// How the ascent of one picture ended.
  package enum Ending: Sendable, Hashable {
    case finished
    /// No input that was tried changes what is to be excited.
    case dead
    /// At this step the gradient was no number; the picture is that of the step before.
    case notFinite(step: Int)
  }

  /// - Parameter observe: after each step, with the pictures of the first canvas.
  /// - Throws: `Cancelled`; `GraphError`.
  package func run(
    control: RunControl = RunControl(),
    observe: (_ step: Int, _ pictures: Tensor, _ values: [Double]) throws -> Void = { _, _, _ in }
  ) throws -> Result {
    var climb = try Climb(self)
    for step in 0..<settings.steps {
      try control.report(step, of: settings.steps)
      guard try climb.step(step) else { break }
      try observe(step, climb.pictures[0], climb.values)
    }
    try control.report(settings.steps, of: settings.steps)
    return try climb.result()
  }
}

/// An ascent under way.
private struct Climb {
  private let ascent: Ascent
  private let rows: Int
  /// What each canvas' pictures are functions of, and Adam's two means of its gradients.
  private var amplitudes: [Tensor]
  private var means: [Tensor]
  private var squares: [Tensor]
  private(set) var pictures: [Tensor]
  /// Those of the step before.
  private var before: [Tensor]
  private(set) var values: [Double]
  private let first: [Double]
  private var curves: [[Double]]
  private var endings: [Ascent.Ending]
  /// Of each row, how often its gradient was nothing one after another.
  private var still: [Int]
  /// The running mean square of each row's gradient.
  private var sizes: [Double]
  private var shifts: SplitMix64
  private var isRunning: [Bool]

  private static let decays = (mean: 0.9, square: 0.99)
  /// After so many gradients of nothing a unit counts as dead.
  private static let mostStill = 8

  init(_ ascent: Ascent) throws {
    self.ascent = ascent
    rows = ascent.excitation.measures.count
    pictures = ascent.canvases.map(\.start)
    before = pictures
    amplitudes = ascent.canvases.map { canvas in
      canvas.basis.amplitudes(of: canvas.unsquashed(canvas.start), canvas.shape)
    }
    means = amplitudes.map { Tensor($0.shape) }
    squares = means
    shifts = SplitMix64(seed: ascent.settings.seed &+ 0x6a69_7474_6572)
    endings = [Ascent.Ending](repeating: .finished, count: rows)
    still = [Int](repeating: 0, count: rows)
    sizes = [Double](repeating: 0, count: rows)
    isRunning = [Bool](repeating: true, count: rows)
    curves = [[Double]](repeating: [], count: rows)
    values = []
    first = try Self.values(ascent, pictures)
    values = first
  }

  private static func values(_ ascent: Ascent, _ pictures: [Tensor]) throws -> [Double] {
    let found = try ascent.network.values(of: [ascent.excitation.tensor], at: inputs(ascent, pictures))[0]
    return ascent.excitation.values(steps(of: found, ascent))
  }

  /// Of a network that walks, the steps of each row as rows of their own.
  private static func steps(of values: Tensor, _ ascent: Ascent) -> Tensor {
    guard ascent.network.isWalking, values.shape.rank > 1 else { return values }
    let extents = values.shape.dimensions
    return values.reshaped(to: Shape([extents[0] * extents[1]] + extents.dropFirst(2)))
  }

  private static func inputs(_ ascent: Ascent, _ pictures: [Tensor]) throws -> [TensorName: Tensor] {
    var inputs: [TensorName: Tensor] = [:]
    for (canvas, picture) in zip(ascent.canvases, pictures) {
      inputs[canvas.input] = try canvas.lens.input(of: picture)
    }
    return inputs
  }

  /// Returns whether any row goes on.
  mutating func step(_ step: Int) throws -> Bool {
    let settings = ascent.settings
    let shift = settings.jitter > 0 ? Int.random(in: -settings.jitter...settings.jitter, using: &shifts) : 0
    let moved = pictures.map { $0.rolled(by: shift) }
    let (gradients, values) = try scoreGradients(at: moved, rule: rule(of: step))
    self.values = values
    for row in 0..<rows { curves[row].append(values[row]) }
    judge(gradients, step)
    before = pictures
    guard isRunning.contains(true) else { return false }
    let factors = (0..<rows).map { row -> Float in
      guard !settings.isPlain else { return 1 }
      return sizes[row] > 0 ? Float(1 / sizes[row].squareRoot()) : 0
    }
    for (place, canvas) in ascent.canvases.enumerated() {
      var gradient = Tensor(pictures[place].shape)
      gradient.add(gradients[place].rolled(by: -shift), times: factors)
      let unit = canvas.normalised(pictures[place])
      for weighted in canvas.regularizers where weighted.weight != 0 {
        // Means over a picture have gradients that small; the score's are brought to a mean square of 1.
        let scale = settings.isPlain || weighted.regularizer is SquaredNorm ? 1 : Float(canvas.shape.count)
        gradient.add(
          weighted.regularizer.gradient(unit, canvas.shape),
          times: [Float](repeating: -weighted.weight * scale, count: rows))
      }
      let slopes = canvas.squashingSlopes(unit)
      let flat = slopes.map { gradient.combined(with: $0, *) } ?? gradient
      let slope = canvas.basis.pullback(flat, canvas.shape)
      switch settings.update {
      case .adam: climb(place, slope, step)
      case .normalised: walk(place, slope, step)
      }
      let numbers = canvas.basis.pictures(of: amplitudes[place], canvas.shape)
      let changed = canvas.squashed(numbers)
      pictures[place] = Self.joined(changed, pictures[place], isRunning)
      // What was cut off is forgotten.
      if canvas.bounding == .clipped, canvas.range != nil {
        amplitudes[place] = canvas.basis.amplitudes(of: canvas.normalised(changed), canvas.shape)
      }
    }
    return true
  }

  private func rule(of step: Int) -> GradientRule {
    let settings = ascent.settings
    guard let leak = settings.leak else { return .standard }
    guard let leakySteps = settings.leakySteps, step >= leakySteps else { return .leaky(leak) }
    let isSilent =
      zip(still, isRunning).contains { $0 > 0 && $1 } || zip(values, isRunning).contains { $0 == 0 && $1 }
    guard step < settings.steps / 2 || isSilent else { return .standard }
    let tensor = ascent.excitation.tensor
    return GradientRule.standard.substituting(StraightBackward(), as: "straight at \(tensor)") { node in
      node.operation is Activation && node.outputs.first == tensor
    }
  }

  /// The gradients of what is excited, with respect to each canvas' pictures as parts of their range, and the values.
  private func scoreGradients(at pictures: [Tensor], rule: GradientRule) throws -> (
    gradients: [Tensor], values: [Double]
  ) {
    let (network, excitation) = (ascent.network, ascent.excitation)
    let inputs = try Self.inputs(ascent, pictures)
    let names = ascent.canvases.map(\.input)
    // Where the seed hangs on the values, these are computed first.
    let known =
      excitation.isLinear
      ? Tensor(try network.shape(of: excitation.tensor, at: inputs.mapValues(\.shape)))
      : try network.values(of: [excitation.tensor], at: inputs)[0]
    let seed = excitation.seed(Self.steps(of: known, ascent)).reshaped(to: known.shape)
    let found = try network.gradients(
      of: excitation.tensor, seed: seed, withRespectTo: names, alongside: [excitation.tensor], rule: rule,
      at: inputs)
    let gradients = try ascent.canvases.indices.map { place in
      let canvas = ascent.canvases[place]
      let gradient = try canvas.lens.pullback(found.gradients[place], at: pictures[place])
      guard let range = canvas.range else { return gradient }
      let width = range.upperBound - range.lowerBound
      return gradient.mapped { $0 * width }
    }
    return (gradients, excitation.values(Self.steps(of: found.values[0], ascent)))
  }

  /// Ends rows that cannot go on, and keeps account of the gradients' sizes.
  private mutating func judge(_ gradients: [Tensor], _ step: Int) {
    let deviations = gradients.map(\.rowDeviations)
    for row in 0..<rows where isRunning[row] {
      let square = deviations.reduce(0) { $0 + Double($1[row]) * Double($1[row]) } / Double(deviations.count)
      guard square.isFinite, values[row].isFinite else {
        (endings[row], isRunning[row]) = (.notFinite(step: step), false)
        for place in pictures.indices {
          pictures[place] = Self.joined(pictures[place], before[place], (0..<rows).map { $0 != row })
        }
        continue
      }
      still[row] = square == 0 ? still[row] + 1 : 0
      if still[row] >= Self.mostStill, values[row] == first[row] {
        (endings[row], isRunning[row]) = (.dead, false)
      }
      // Gradients may be nothing for a while.
      if square > 0 { sizes[row] = sizes[row] == 0 ? square : 0.9 * sizes[row] + 0.1 * square }
    }
  }

  /// How far this step goes.
  private func rate(of step: Int) -> Float {
    let (steps, settling) = (Double(ascent.settings.steps), ascent.settings.settling)
    let left = settling > 0 ? (steps - Double(step)) / max(1, steps * settling) : 1
    return ascent.settings.rate * Float(min(1, left))
  }

  /// A step along the gradient.
  private mutating func walk(_ place: Int, _ gradient: Tensor, _ step: Int) {
    let width = gradient.count / max(1, rows)
    let rate = rate(of: step)
    let factors = gradient.withUnsafeValues { gradient in
      (0..<rows).map { row -> Float in
        let mean =
          gradient[row * width..<(row + 1) * width].reduce(0.0) { $0 + Double(abs($1)) } / Double(width)
        return mean > 0 && mean.isFinite ? rate / Float(mean) : 0
      }
    }
    amplitudes[place].add(gradient, times: factors)
  }

  /// Adam's step upwards.
  private mutating func climb(_ place: Int, _ gradient: Tensor, _ step: Int) {
    let rate = rate(of: step)
    let (first, second) = (Float(Self.decays.mean), Float(Self.decays.square))
    var (a, b) = (1 as Float, 1 as Float)
    for _ in 0...min(step, 4000) { (a, b) = (a * first, b * second) }
    let (meanShare, squareShare) = (1 - a, 1 - b)
    gradient.withUnsafeValues { gradient in
      means[place].withUnsafeMutableValues { means in
        squares[place].withUnsafeMutableValues { squares in
          amplitudes[place].withUnsafeMutableValues { amplitudes in
            for index in gradient.indices where gradient[index].isFinite {
              means[index] = first * means[index] + (1 - first) * gradient[index]
              squares[index] = second * squares[index] + (1 - second) * gradient[index] * gradient[index]
              let size = (squares[index] / squareShare).squareRoot() + 1e-12
              amplitudes[index] += rate * (means[index] / meanShare) / size
            }
          }
        }
      }
    }
  }

  /// Rows of `new` where they go on, of `old` elsewhere.
  private static func joined(_ new: Tensor, _ old: Tensor, _ isRunning: [Bool]) -> Tensor {
    guard isRunning.contains(false) else { return new }
    return Tensor(
      joining: isRunning.indices.map { ($0 < isRunning.count && isRunning[$0] ? new : old).rows($0..<$0 + 1) }
    )
  }

  func result() throws -> Ascent.Result {
    Ascent.Result(
      pictures: pictures, first: first, curves: curves, last: try Self.values(ascent, pictures),
      endings: endings)
  }
}

// MARK: - Within the range

extension Canvas {
  /// Pictures as parts of the range, 0 to 1.
  func normalised(_ pictures: Tensor) -> Tensor {
    guard let range else { return pictures }
    let (low, width) = (range.lowerBound, range.upperBound - range.lowerBound)
    return pictures.mapped { ($0 - low) / width }
  }

  /// Any numbers as pictures.
  fileprivate func squashed(_ numbers: Tensor) -> Tensor {
    guard let range else { return numbers }
    let (low, width) = (range.lowerBound, range.upperBound - range.lowerBound)
    if bounding == .clipped { return numbers.mapped { low + width * min(max($0, 0), 1) } }
    return numbers.mapped { low + width * Self.logistic($0) }
  }

  /// The numbers of pictures; what lies at the ends of the range or beyond counts as a hundredth of it inside.
  fileprivate func unsquashed(_ pictures: Tensor) -> Tensor {
    guard range != nil else { return pictures }
    if bounding == .clipped { return normalised(pictures) }
    return normalised(pictures).mapped { part in
      let inside = min(max(part, 0.01), 0.99)
      return logf(inside / (1 - inside))
    }
  }

  /// The derivative of the squashing, from what it gave.
  fileprivate func squashingSlopes(_ unit: Tensor) -> Tensor? {
    range == nil || bounding == .clipped ? nil : unit.mapped { $0 * (1 - $0) }
  }

  private static func logistic(_ x: Float) -> Float { 1 / (1 + expf(-x)) }
}

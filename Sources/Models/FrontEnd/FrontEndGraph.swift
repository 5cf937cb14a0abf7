import Audio
import Graphs
import Tensors

/// A front end written as a graph of operators, each with its gradient rule.
///
/// | from | steps |
/// |---|---|
/// | samples `[N, samples, 1]` | window and transform, `\|X\|` or `\|X\|²`, mel sums, compression |
/// | magnitudes `[N, bins]` | `\|x\|` or `x²`, mel sums, compression |
///
/// At digital silence `|X|` has a kink: its derivative is taken as 0 there, and so is that of what lies at or below a
/// floor in decibels.
struct FrontEndGraph {
  static let input: TensorName = "sound"
  static let output: TensorName = "log_mel"

  private let frontEnd: FrontEnd
  private var steps: [Step] = []

  /// An operation on what the one before made, and on a constant if it takes one.
  private struct Step {
    let operation: any Operator
    var constant: Tensor?
  }

  private init(_ frontEnd: FrontEnd) { self.frontEnd = frontEnd }

  /// Frames of samples, as many as `samples` holds whole: `log_mel` is `[N, frames, bands]`.
  static func ofSamples(_ frontEnd: FrontEnd, samples: Int) throws(GraphError) -> Graph {
    var graph = FrontEndGraph(frontEnd)
    graph.add(
      SpectralSteps.transform(length: frontEnd.fft, hop: frontEnd.hop), beside: frontEnd.frameWeights)
    switch frontEnd.spectrum {
    case .magnitude: graph.add(SpectralSteps.magnitude)
    case .power: graph.add(SpectralSteps.power)
    }
    graph.addBands()
    return try graph.made(of: [.fixed(samples), .fixed(1)])
  }

  /// One frame a row: `log_mel` is `[N, bands]`.
  static func ofMagnitudes(_ frontEnd: FrontEnd) throws(GraphError) -> Graph {
    var graph = FrontEndGraph(frontEnd)
    switch frontEnd.spectrum {
    case .magnitude: graph.add(SpectralSteps.absolute)
    case .power: graph.add(SpectralSteps.square)
    }
    graph.addBands()
    return try graph.made(of: [.fixed(frontEnd.bins)])
  }

  private mutating func add(_ operation: any Operator, beside constant: Tensor? = nil) {
    steps.append(Step(operation: operation, constant: constant))
  }

  /// Adds the mel sums of the energies, and their compression.
  private mutating func addBands() {
    add(SpectralSteps.weightedSums, beside: frontEnd.melWeights.transposed)
    switch frontEnd.compression {
    case .log(let base, let scale, let offset):
      add(SpectralSteps.linear(scale: Float(scale), shift: Float(offset)))
      add(SpectralSteps.naturalLogarithm)
      if base == .ten { add(SpectralSteps.linear(scale: Self.perNeper)) }
    case .decibels(let floor):
      add(SpectralSteps.raised(to: Float(floor)))
      add(SpectralSteps.naturalLogarithm)
      add(SpectralSteps.linear(scale: 10 * Self.perNeper))
    case .none: break
    }
  }

  /// `log₁₀ e`
  private static let perNeper: Float = 0.434_294_48

  /// The steps one behind another, for rows of these extents.
  private func made(of extents: [Dimension]) throws(GraphError) -> Graph {
    var nodes: [Node] = []
    var constants: [TensorName: Tensor] = [:]
    var last = Self.input
    for (index, step) in steps.enumerated() {
      let name = index == steps.count - 1 ? Self.output : "\(index) \(step.operation.kind)"
      constants["\(name) constant"] = step.constant
      nodes.append(
        Node(
          name: name, operation: step.operation,
          inputs: [last] + (step.constant == nil ? [] : ["\(name) constant"]), outputs: [name]))
      last = name
    }
    return try Graph(
      name: "front end", inputs: [GraphInput(name: Self.input, dimensions: [.symbolic("N")] + extents)],
      nodes: nodes, constants: constants, outputs: [Self.output])
  }
}

extension Tensor {
  /// The matrix with rows and columns exchanged.
  fileprivate var transposed: Tensor {
    let (rows, columns) = (shape[0], shape[1])
    return Tensor(unsafeUninitialized: [columns, rows]) { result in
      withUnsafeValues { values in
        for row in 0..<rows {
          for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
        }
      }
    }
  }
}

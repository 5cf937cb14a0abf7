public import Graphs
public import Tensors

/// How steady a method's maps are.
public struct Steadiness: Sendable {
  /// Of the input and the network as they are.
  public let maps: Tensor
  /// Of each row; nil where the map is zero everywhere.
  public let sensitivity: [Double?]
  /// How many layers' weights were shuffled in each stage.
  public let layers: [Int]
  /// For each row, of each stage.
  public let correlations: [[Double]]

  /// Explains all rows of `question` again with the input disturbed, and with more and more layers' weights shuffled.
  ///
  /// - Parameters:
  ///   - disturbances: `[samples]` + one input row, taken off the input; nil to draw them from a cube of 0.02.
  ///   - control: told what is being explained.
  /// - Throws: `MeasureError.notFinite`, `Cancelled`.
  public init(
    of method: AttributionMethod, _ question: ArrayQuestion, _ settings: AttributionMethod.Settings,
    disturbances: Tensor?, stages: Int, seed: UInt64, control: RunControl = RunControl()
  ) throws {
    let rows = question.rows
    func maps(of question: ArrayQuestion, at x: Tensor? = nil) throws -> Tensor {
      let maps = try question.attribution(by: method, at: x, settings, isResized: true)
      guard maps.values.allSatisfy(\.isFinite) else { throw MeasureError.notFinite(method.name) }
      return maps
    }
    try control.report(0, of: 1, method.name)
    let own = try maps(of: question)

    let disturbed = Self.disturbed(question.x, by: disturbances, seed: seed)
    let shaken = try disturbed.enumerated().map { sample, x in
      try control.report(sample, of: 2 * disturbed.count, "\(method.name), disturbance \(sample + 1)")
      return try maps(of: question, at: x)
    }
    let sensitivity = (0..<rows).map { row in
      MaxSensitivity.value(
        own.rows(row..<row + 1), disturbed: shaken.map { $0.rows(row..<row + 1) })
    }

    let network = question.network
    let graphs = try network.stepGraph.shufflingLayers(
      stages: stages, at: network.fileShapes(at: question.shapes), seed: seed)
    let correlations = try graphs.enumerated().map { stage, shuffled in
      try control.report(
        graphs.count + stage, of: 2 * graphs.count,
        "\(method.name), weights shuffled \(stage + 1)/\(graphs.count)")
      var other = question
      other.network = try network.replacing(stepGraph: shuffled.graph)
      let maps = try maps(of: other)
      return (0..<rows).map { row in
        agreement(ofMagnitudes: own.rows(row..<row + 1), maps.rows(row..<row + 1))
      }
    }
    self.maps = own
    self.sensitivity = sensitivity
    layers = graphs.map(\.layers)
    self.correlations = (0..<rows).map { row in correlations.map { $0[row] } }
  }

  /// All rows less each of the disturbances given; else each row shaken within the default cube.
  private static func disturbed(_ x: Tensor, by given: Tensor?, seed: UInt64) -> [Tensor] {
    guard let given else {
      let shaken = (0..<x.shape[0]).map { MaxSensitivity(seed: seed).disturbed(x.rows($0..<$0 + 1)) }
      return (shaken.first ?? []).indices.map { sample in Tensor(joining: shaken.map { $0[sample] }) }
    }
    return (0..<given.shape[0]).map { sample in
      let disturbance = given.rows(sample..<sample + 1).values
      return Tensor(
        x.shape, x.values.enumerated().map { $0.element - disturbance[$0.offset % disturbance.count] })
    }
  }
}

/// What can be wrong with what is measured.
public enum MeasureError: Error, CustomStringConvertible {
  /// A method's own maps.
  case notFinite(_ method: String)
  case emptyRegion(path: String, row: Int)
  /// Neither maps nor a method to make them.
  case noMaps
  /// Nothing tells how the explained element becomes a probability.
  case noActivation(TensorName)

  public var description: String {
    switch self {
    case .noActivation(let tensor):
      "nothing in the network makes probabilities of '\(tensor)'; say how they are made with the activation softmax or "
        + "sigmoid, or none if its values are probabilities already"
    case .noMaps: "there are no maps to judge, and no method to make them"
    case .notFinite(let method):
      "\(method) makes a map with NaN or infinity of this network; there is nothing to measure"
    case .emptyRegion(let path, let row):
      "\(path): 'region' has nothing inside in row \(row); mark with 1 where the answer lies"
    }
  }
}

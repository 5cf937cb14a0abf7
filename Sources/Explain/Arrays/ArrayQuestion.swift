public import Graphs
public import Tensors

/// The question why a number of a network's tensor is what it is at the rows of an array.
public struct ArrayQuestion {
  public var network: Network
  public let tensor: TensorName
  /// What of the tensor.
  public let asked: ScoreOf
  /// The input that is explained.
  public let inputName: TensorName
  /// Its rows, along the first axis.
  public let x: Tensor
  /// How the arrays were read where that could be otherwise, a line for each.
  public let readings: [String]
  /// The shape of `x` in the file of arrays.
  private let fileShape: Shape
  /// The other inputs, which are held: each row beside its row of `x`.
  private let others: [TensorName: Tensor]

  /// - Parameters:
  ///   - path: of the arrays.
  ///   - explained: the input that is explained, of several; nil for the first.
  ///   - tensor: what the number is of; nil for the first output, or what its softmax or sigmoid reads.
  public init(
    _ network: Network, _ path: String, explained: String?, of tensor: TensorName? = nil,
    asked: ScoreOf
  ) throws {
    let arrays = try ArrayInputs(path, for: network, explained: explained)
    let (network, inputs) = (arrays.network, try arrays.asRows())
    if let tensor {
      (self.network, self.tensor) = (network, tensor)
    } else {
      (self.network, self.tensor) = try network.revealingLogits(
        of: network.graph.outputs[0], at: inputs.mapValues(\.shape))
    }
    readings = try arrays.readings()
    self.asked = asked
    inputName = explained ?? network.graph.inputs[0].name
    guard let x = inputs[inputName] else {
      throw GraphError.unknownTensor(inputName, nearest: nearest(to: inputName, among: inputs.keys))
    }
    self.x = x
    fileShape = arrays.arrays[inputName]?.shape ?? x.shape
    others = inputs.filter { [inputName] in $0.key != inputName }
  }

  public var rows: Int { x.shape[0] }

  /// Something shaped as `x` in the shape of the array that was read.
  public func fileForm(_ tensor: Tensor) -> Tensor {
    guard tensor.shape == x.shape else { return tensor }
    return network.isWalking ? tensor.reshaped(to: fileShape) : network.fileForm(tensor, of: inputName)
  }

  /// Something shaped as the array that was read as rows, shaped as `x`.
  func rowForm(_ tensor: Tensor) throws -> Tensor {
    guard tensor.shape == fileShape, fileShape != x.shape else { return tensor }
    return try network.rowForm(tensor, of: inputName)
  }

  public var shapes: [TensorName: Shape] {
    others.mapValues(\.shape).merging([inputName: x.shape]) { $1 }
  }

  /// The score beside one row of the other inputs.
  public func score(beside row: Int) throws -> NetworkScore {
    try NetworkScore(
      network, tensor: tensor, of: asked,
      beside: others.mapValues { $0.rows(row..<row + 1) })
  }

  /// The attribution of each row of `x`, or of another array in its place; with several inputs row by row.
  ///
  /// - Parameter isResized: brings the map of a layer to the size of the input.
  public func attribution(
    by method: AttributionMethod, at other: Tensor? = nil, _ settings: AttributionMethod.Settings,
    isResized: Bool = false
  ) throws -> Tensor {
    let x = other ?? x
    if others.isEmpty { return try method.attribute(score(beside: 0), at: x, settings, isResized: isResized) }
    return Tensor(
      joining: try (0..<rows).map { row in
        try method.attribute(score(beside: row), at: x.rows(row..<row + 1), settings, isResized: isResized)
      })
  }
}

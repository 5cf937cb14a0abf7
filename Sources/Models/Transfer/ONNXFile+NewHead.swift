public import Audio
public import Graphs

/// A trained network up to a tensor, and a new head behind it.
public struct TransferredNetwork: Sendable {
  public var file: ONNXFile
  /// The weights of the new head; all others are the old network's.
  public let headWeights: [TensorName]
}

extension ONNXFile {
  /// Where the network is cut when nobody says: what its last dense layer reads, past a flattening and a dropout.
  ///
  /// - Throws: `ONNXFileError.cut` where no such layer is found.
  public func defaultCut() throws -> TensorName { try CutFinder(self).cut() }

  /// The weights behind `defaultCut()`: those of the last dense layer. All others are the trunk's.
  public func headWeights() throws -> [TensorName] {
    var trunk = self
    try trunk.keepOnly(making: try defaultCut())
    let kept = Set(trunk.weightNames)
    return weightNames.filter { !kept.contains($0) }
  }

  /// This network up to `tensor`, and a new head of dense layers behind it.
  ///
  /// ```text
  /// tensor -> mean over places -> [dense, ReLU] -> [dropout] -> dense "logits" -> softmax or sigmoid "probabilities"
  /// ```
  /// A map, `[N, channels, frames, bands]` or with its channels last, is averaged over its places; features `[N, n]` are
  /// taken as they are. Weights and nodes that are not needed any more are dropped, and weights that the file computes are
  /// stored (`storeComputedWeights(of:)`). The front end travels along, also that of a description beside the file; labels
  /// and what was said of the old outputs do not. The new weights are called `head.…`, as far as these names are free. A network that was exported for one sound
  /// at a time takes any number of them afterwards, where that can be (`openBatch(at:)`).
  ///
  /// - Parameters:
  ///   - tensor: nil for `defaultCut()`.
  ///   - hidden: features of a dense layer before the last; nil for none.
  ///   - dropout: the probability that a feature is dropped in training; 0 for none.
  ///   - isMultiLabel: whether a sound may be of several classes: sigmoids rather than a softmax.
  ///   - frontEnd: how the network listens, for a file that does not say.
  /// - Throws: `ONNXFileError`, and what reading the network throws.
  public func withNewHead(
    at tensor: TensorName?, classes: Int, hidden: Int? = nil, dropout: Double = 0, isMultiLabel: Bool = false,
    seed: UInt64 = 0, frontEnd: FrontEnd? = nil
  ) throws -> TransferredNetwork {
    guard classes > (isMultiLabel ? 0 : 1) else { throw ArchitectureError.classes(classes) }
    let finder = try CutFinder(self, frontEnd: frontEnd)
    let tensor = try tensor ?? finder.cut()
    try finder.graph.tensor(named: tensor)
    let row = try finder.rowExtents(of: tensor)
    var file = self
    try file.storeComputedWeights(of: finder.graph)
    try file.keepOnly(making: tensor)
    let cut = file.freeingNames(of: tensor)
    let isFloat = file.isFloat32(cut)
    var builder = ONNXNetworkBuilder(continuing: file, seed: seed)
    var features = ONNXNetworkBuilder.Value(name: cut, extents: row)
    if !isFloat { features = builder.float(features, "head.float") }
    features = builder.addMean(of: features, along: finder.featureAxis(of: tensor, rank: row.count))
    if let hidden {
      features = builder.relu(try builder.dense(features, "head.hidden", hidden), "head.relu")
    }
    if dropout > 0 { features = try builder.dropout(features, "head.dropout", ratio: dropout) }
    let logits = try builder.dense(features, "head", classes, output: "logits", weights: .glorotUniform)
    let made =
      isMultiLabel ? builder.sigmoid(logits, "probabilities") : builder.softmax(logits, "probabilities")
    var result = builder.file(ending: made)
    try result.describe(as: finder.description, hasOtherFrontEnd: frontEnd != nil)
    result.openBatch(at: try finder.inputShapes())
    return TransferredNetwork(file: result, headWeights: builder.addedWeights)
  }

  /// Makes room for the names of the new outputs; what `tensor` is called then.
  private mutating func freeingNames(of tensor: TensorName) -> TensorName {
    var cut = tensor
    for name in ["logits", "probabilities"] where tensorNames.contains(name) {
      var other = "\(name).before"
      while tensorNames.contains(other) { other += ".before" }
      rename(name, to: other)
      if cut == name { cut = other }
    }
    return cut
  }

  /// Writes into the metadata what holds for the new network, too.
  private mutating func describe(as old: ModelDescription, hasOtherFrontEnd: Bool) throws {
    var entries = metadata
    for key in ["labels", "output", "activation", "state", "picture", "image"] {
      entries["otoscope.\(key)"] = nil
    }
    if let frontEnd = old.frontEnd { entries["otoscope.front_end"] = try frontEnd.json() }
    entries["otoscope.axes"] = hasOtherFrontEnd ? nil : old.axes?.rawValue
    metadata = entries
  }
}

extension ONNXNetworkBuilder {
  /// The mean of each feature over all other axes of a row.
  fileprivate mutating func addMean(of x: Value, along axis: Int) -> Value {
    guard x.extents.count > 1 else { return x }
    // Where one axis holds all there is, nothing is averaged.
    if x.extents.count(where: { $0 > 1 }) <= 1 { return flatten(x, "head.features") }
    var map = x
    if axis > 0 {
      let order = [axis] + x.extents.indices.filter { $0 != axis }
      map = transpose(x, "head.turned", order)
    }
    return flatten(globalAveragePool(map, "head.mean"), "head.features")
  }
}

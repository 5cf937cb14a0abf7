import Audio
public import Graphs
public import Models
import Tensors

/// A question about where a clip lies among others, by an inner tensor of the model, its embedding: the values of a patch
/// in one row, averaged over the clip's patches. It is held against the embedding of another sound.
public struct EmbeddingQuestion: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, Codable {
    /// How far the embedding reaches in the other's direction: `⟨e, r / |r|⟩`.
    case towards
    /// The cosine of both: `⟨e, r⟩ / (|e| |r|)`.
    case like
  }

  public let kind: Kind
  /// Whose values are the embedding.
  public let tensor: TensorName
  /// The other sound's embedding over its length.
  public let direction: [Float]
  /// The other sound, as it is called.
  public let name: String

  /// - Throws: `ExplainError.noDirection` where the other's embedding is zero.
  public init(_ kind: Kind, _ tensor: TensorName, of embedding: [Float], name: String) throws(ExplainError) {
    let length = embedding.length
    guard length > 0, length.isFinite else { throw .noDirection(name, tensor: tensor) }
    (self.kind, self.tensor, self.name) = (kind, tensor, name)
    direction = embedding.map { Float(Double($0) / length) }
  }

  /// What is explained of a clip with this embedding.
  public func value(of embedding: [Float]) -> Float {
    let along = embedding.dot(direction)
    switch kind {
    case .towards: return Float(along)
    case .like:
      let length = embedding.length
      return length > 0 ? Float(along / length) : 0
    }
  }
}

/// What is asked of a clip.
public enum Question: Sendable, Hashable {
  /// Why a class has the logit it has.
  case target(Target)
  case embedding(EmbeddingQuestion)

  /// For titles, and the names of files.
  public var label: String {
    switch self {
    case .target(let target): target.label
    case .embedding(let question):
      question.kind == .like ? "similarity to \(question.name)" : "direction of \(question.name)"
    }
  }

  /// What the score is counted in.
  public var unit: String {
    switch self {
    case .target(let target):
      switch target.quantity {
      case .logit: "logits"
      case .probability: "of probability"
      case .score: "of score"
      }
    case .embedding(let question): question.kind == .like ? "of cosine" : "of embedding"
    }
  }

  /// Whether it asks the same, of whatever clip.
  public func isSame(as other: Question) -> Bool {
    switch (self, other) {
    case (.target(let a), .target(let b)): a.isSame(as: b)
    default: self == other
    }
  }
}

extension AudioModel {
  /// A clip's embedding: the values of `tensor`, a row a patch, averaged over its patches.
  ///
  /// - Throws: `GraphError.unknownTensor`; `ExplainError.notByPatch` where the tensor has no row for each patch.
  public func embedding(_ tensor: TensorName, of listening: Listening) throws -> [Float] {
    try embeddings(tensor, at: listening.logMel.reshaped(to: Shape([1] + listening.logMel.shape.dimensions)))[
      0]
  }

  /// The embeddings of clips of equal length, `[clips, frames, bands]`.
  func embeddings(_ tensor: TensorName, at clips: Tensor) throws -> [[Float]] {
    let input = inputTensor(forClips: clips)
    let values = try network.values(of: [network.graph.tensor(named: tensor)], at: [inputName: input])[0]
    guard network.graph.constants[tensor] == nil, values.shape[0] == input.shape[0] else {
      throw ExplainError.notByPatch(tensor, shape: values.shape)
    }
    let width = values.count / max(1, input.shape[0])
    let patches = input.shape[0] / max(1, clips.shape[0])
    return values.withUnsafeValues { values in
      (0..<clips.shape[0]).map { clip in
        var sums = [Double](repeating: 0, count: width)
        for patch in clip * patches..<(clip + 1) * patches {
          for place in 0..<width { sums[place] += Double(values[patch * width + place]) }
        }
        return sums.map { Float($0 / Double(patches)) }
      }
    }
  }

  /// What the last linear layer reads, the customary embedding: the tensor before the final Gemm, MatMul or Conv.
  ///
  /// - Throws: `ExplainError.noEmbedding` where something else than a linear layer makes the logits.
  public func defaultEmbedding() throws(ExplainError) -> TensorName {
    var tensor = logits
    while let node = network.graph.producer(of: tensor) {
      let computed = node.inputs.filter { !$0.isEmpty && network.graph.constants[$0] == nil }
      guard let input = computed.first, computed.count == 1 else { break }
      if ["Gemm", "MatMul", "Conv"].contains(node.kind) { return input }
      guard Self.passingOn.contains(node.kind) else { break }
      tensor = input
    }
    throw .noEmbedding
  }

  /// What may stand behind a linear layer.
  private static let passingOn: Set = [
    "Add", "Sub", "Mul", "Div", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout",
    "Transpose",
    "Softmax", "LogSoftmax", "Sigmoid", "GlobalAveragePool", "ReduceMean", "AveragePool",
    "BatchNormalization",
  ]
}

extension [Float] {
  func dot(_ other: [Float]) -> Double { zip(self, other).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
  var length: Double { dot(self).squareRoot() }
}

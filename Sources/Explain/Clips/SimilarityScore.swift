public import Graphs
public import Models
public import Tensors

/// The cosine of a clip's embedding `e`, averaged over its patches, and a given direction `r` of length 1, as a function of
/// the clip's log-mel picture: `⟨e, r⟩ / |e|`. 0 where the embedding is.
///
/// `x` is `[rows, frames, bands]`, each row a clip of the same length. The gradient is exact:
/// `∂cos/∂e = (r − cos · e / |e|) / |e|`, and each patch has its share of the mean. Of rules that begin from the score, as
/// relevance, the length of `e` counts as given: what is shared out is then the cosine and not nothing.
public struct SimilarityScore: ScoreFunction {
  private let model: AudioModel
  private let question: EmbeddingQuestion
  private let rule: GradientRule

  public init(_ model: AudioModel, _ question: EmbeddingQuestion, rule: GradientRule = .standard) {
    (self.model, self.question, self.rule) = (model, question, rule)
  }

  public func scores(at x: Tensor) throws -> [Float] {
    try model.embeddings(question.tensor, at: x).map(question.value)
  }

  /// Only patches that the difference lies in are evaluated, and of those only what it reaches.
  public func scores(at x: Tensor, differingFrom base: Tensor) throws -> [Float] {
    let embedding = try model.embeddings(question.tensor, at: base)[0]
    let input = model.inputTensor(forClips: base)
    let known = try model.network.values(of: [question.tensor], at: [model.inputName: input])[0]
    let count = Double(max(1, input.shape[0]))
    var embeddings = [[Float]](repeating: embedding, count: x.shape[0])
    for change in model.patchChanges(of: x, from: base) {
      let values = try model.network.values(
        of: [question.tensor], at: change.rows, differingFrom: change.row)[0]
      let before = known.rows(change.patch..<change.patch + 1).values
      let after = values.values
      for (place, clip) in change.clips.enumerated() {
        for element in embedding.indices {
          let gain = Double(after[place * embedding.count + element]) - Double(before[element])
          embeddings[clip][element] += Float(gain / count)
        }
      }
    }
    return embeddings.map(question.value)
  }

  public func gradient(at x: Tensor) throws -> Tensor {
    let input = model.inputTensor(forClips: x)
    let patches = input.shape[0] / max(1, x.shape[0])
    let directions = try model.embeddings(question.tensor, at: x).map {
      question.slope(at: $0, holdsLength: rule.startsFromScore)
    }
    let shape = try model.network.shape(of: question.tensor, at: [model.inputName: input.shape])
    let seed = Tensor(shape, directions.flatMap { direction in (0..<patches).flatMap { _ in direction } })
    let gradients = try model.network.gradients(
      of: question.tensor, seed: seed, withRespectTo: [model.inputName], rule: rule,
      at: [model.inputName: input]
    ).gradients[0]
    return model.overlaid(gradients, on: x)
  }
}

extension EmbeddingQuestion {
  /// The gradient of ``value(of:)`` with respect to the embedding; zero where it is not defined.
  ///
  /// - Parameter holdsLength: whether the embedding's length counts as given.
  func slope(at embedding: [Float], holdsLength: Bool = false) -> [Float] {
    guard kind == .like else { return direction }
    let length = embedding.length
    guard length > 0 else { return [Float](repeating: 0, count: direction.count) }
    let along = holdsLength ? 0 : embedding.dot(direction) / length
    let across = zip(embedding, direction).map { Double($1) - along * Double($0) / length }
    // What single precision leaves of the difference of two equal directions is no direction.
    guard across.contains(where: { abs($0) > 1e-6 }) else {
      return [Float](repeating: 0, count: direction.count)
    }
    return across.map { Float($0 / length) }
  }
}

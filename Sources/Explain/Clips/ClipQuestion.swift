import Audio
import Graphs
import Models
import Tensors

/// A question about one clip, as the scores that answer it.
struct ClipQuestion {
  /// Of the patches, linear in a tensor: what class activation maps go by. Of a similarity, a maximum or a log-sum-exp it
  /// is the tangent at the clip, so that gradients at any layer are those of the clip's score.
  let patches: [(patches: [Int], score: NetworkScore)]
  /// Of the whole clip, as a function of its log-mel picture.
  let clip: any ScoreFunction
  /// Whether the clip's score is the mean of its patches'.
  let isOfPatches: Bool
  /// What is explained, as it is reported.
  let value: Float
  /// What was asked, by name, for reports.
  private(set) var parameters: [(String, String)]

  init(
    _ question: Question, _ listening: Listening, _ model: AudioModel, rule: GradientRule, memory: RowMemory
  ) throws {
    let mean = "mean over \(listening.patchStarts.count) patches"
    switch question {
    case .target(let target):
      let name = "\(target.label) (class \(target.index)\(target.against.map { ", less class \($0)" } ?? ""))"
      let each = model.output.layout.moments
      var over = mean
      if target.span != nil || model.isStateful {
        // What a network with a state says of a patch depends on those before it.
        let rows = target.span.map(listening.moments) ?? Array(listening.moments.indices)
        let pooling = target.span?.pooling ?? .mean
        let score = MomentScore(
          model: model, selection: MomentSelection(rows: rows, each: each), pooling: pooling,
          index: target.index, against: target.against, rule: rule, memory: memory)
        let picture = listening.logMel
        patches =
          model.isStateful
          ? [] : try score.tangents(at: picture.reshaped(to: Shape([1] + picture.shape.dimensions)))
        clip = score
        over = "\(pooling.rawValue) over \(rows.count) moments"
      } else {
        var score = try NetworkScore(
          model.network, tensor: model.logits, of: model.score(of: target), rule: rule)
        score.memory = memory
        (patches, clip) = ([(Array(listening.patchStarts.indices), score)], ClipScore(model, score: score))
        if each > 1 { over += " of \(each) moments" }
      }
      (isOfPatches, value) = (true, target.probability)
      parameters = [("target", name), ("score", "\(target.quantity.rawValue) '\(model.logits)', \(over)")]
      if each > 1 || target.span != nil { parameters.append(("moments", model.momentRule.rawValue)) }
    case .embedding(let asked):
      guard !model.isStateful else { throw ExplainError.notStateful("an embedding") }
      let embedding = try model.embedding(asked.tensor, of: listening)
      guard embedding.count == asked.direction.count else {
        throw ExplainError.direction(
          of: asked.tensor, expected: embedding.count, got: asked.direction.count)
      }
      let patch = try NetworkScore(
        model.network, tensor: asked.tensor, of: .direction(asked.slope(at: embedding)), rule: rule)
      patches = [(Array(listening.patchStarts.indices), patch)]
      isOfPatches = asked.kind == .towards
      clip = isOfPatches ? ClipScore(model, score: patch) : SimilarityScore(model, asked, rule: rule)
      value = asked.value(of: embedding)
      let score =
        isOfPatches
        ? "product of '\(asked.tensor)', \(mean), with the unit vector of"
        : "cosine of '\(asked.tensor)', \(mean), and"
      parameters = [
        ("target", question.label), ("score", "\(score) that of \(asked.name)"), ("value", "\(value)"),
      ]
    }
  }
}

extension AudioModel {
  /// What a target is of a patch: its class's number, or the mean over the moments that the patch has.
  func score(of target: Target) -> ScoreOf {
    let layout = output.layout
    guard layout.moments > 1 else {
      return target.against.map { .difference(target.index, $0) } ?? .element(target.index)
    }
    var terms: [Int: Float] = [:]
    for moment in 0..<layout.moments {
      let share = 1 / Float(layout.moments)
      terms[layout.element(class: target.index, moment: moment), default: 0] += share
      if let against = target.against {
        terms[layout.element(class: against, moment: moment), default: 0] -= share
      }
    }
    return .sum(terms)
  }
}

extension ClipQuestion {
  /// The layer of class activation maps where nobody names one.
  func defaultLayer(at shape: Shape) throws -> TensorName {
    guard let score = patches.first?.score else { throw ExplainError.noConvolution }
    return try score.defaultLayer(at: shape)
  }
}

import Audio
import Graphs
import Models
import Tensors

/// A question about one clip, as the scores that answer it.
struct ClipQuestion {
  /// Of each patch, linear in a tensor: what class activation maps go by. Of a similarity it is the tangent at the clip, so
  /// that gradients at any layer are those of the clip's score.
  let patch: NetworkScore
  /// Of the whole clip, as a function of its log-mel picture.
  let clip: any ScoreFunction
  /// Whether the clip's score is the mean of its patches'.
  let isOfPatches: Bool
  /// What is explained, as it is reported.
  let value: Float
  /// What was asked, by name, for reports.
  let parameters: [(String, String)]

  init(
    _ question: Question, _ listening: Listening, _ model: AudioModel, rule: GradientRule, memory: RowMemory
  ) throws {
    let mean = "mean over \(listening.patchStarts.count) patches"
    switch question {
    case .target(let target):
      var score = try NetworkScore(
        model.network, tensor: model.logits, element: target.index, against: target.against, rule: rule)
      score.memory = memory
      (patch, clip) = (score, ClipScore(model, score: score))
      (isOfPatches, value) = (true, target.probability)
      parameters = [
        (
          "target",
          "\(target.label) (class \(target.index)\(target.against.map { ", less class \($0)" } ?? ""))"
        ), ("score", "logit '\(model.logits)', \(mean)"),
      ]
    case .embedding(let asked):
      let embedding = try model.embedding(asked.tensor, of: listening)
      guard embedding.count == asked.direction.count else {
        throw ExplainError.direction(
          of: asked.tensor, expected: embedding.count, got: asked.direction.count)
      }
      patch = try NetworkScore(
        model.network, tensor: asked.tensor, of: .direction(asked.slope(at: embedding)), rule: rule)
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

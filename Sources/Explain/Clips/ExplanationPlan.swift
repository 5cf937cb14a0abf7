public import Models

/// What is explained of one clip: each question, by each method, in each domain.
public struct ExplanationPlan: Sendable {
  public struct Task: Sendable {
    public let question: Question
    public let method: AttributionMethod
    public let settings: AttributionMethod.Settings
  }

  /// Each once.
  public let questions: [Question]
  public let tasks: [Task]

  /// - Parameters:
  ///   - settings: one for each domain.
  ///   - includesUnsupported: whether methods that do not explain a domain stay in the plan, to be told when they fail.
  public init(
    _ questions: [Question], by methods: [AttributionMethod], _ settings: [AttributionMethod.Settings],
    of model: AudioModel, includesUnsupported: Bool
  ) {
    self.questions = questions
    tasks = questions.flatMap { question in
      methods.flatMap { method in
        settings.filter { includesUnsupported || method.explains(in: $0.domain, of: model) }.map {
          Task(question: question, method: method, settings: $0)
        }
      }
    }
  }
}

extension AudioModel {
  /// The questions that choices of classes mean for what was heard, each once, each held against the same rival.
  ///
  /// - Throws: `ModelError`; `ExplainError.rivalIsTarget`.
  public func questions(_ choices: [TargetChoice], against rival: TargetChoice?, for listening: Listening)
    throws -> [Question]
  {
    var questions: [Question] = []
    let rival = try rival.flatMap { try targets($0, for: listening).first }
    for target in try choices.flatMap({ try targets($0, for: listening) }) {
      guard target.index != rival?.index else { throw ExplainError.rivalIsTarget(target.label) }
      let question = Question.target(rival.map { target.rather(than: $0) } ?? target)
      if !questions.contains(question) { questions.append(question) }
    }
    return questions
  }
}

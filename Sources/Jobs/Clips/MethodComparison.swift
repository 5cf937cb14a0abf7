import Audio
package import Explain
import Graphs
import Models
package import Reports
import Tensors

/// How faithful methods are to what a model heard in one clip, by what the class's score does when bins are taken away and put in.
///
/// All are asked about the same class, in the model's picture, as they explain it to whoever looks at the clip.
package struct MethodComparison: Sendable {
  private let clip: HeardClip
  package let target: ClipScores.Score
  private let asked: Target
  private let methods: [AttributionMethod]
  private let trial: Trial

  /// What was found of one method.
  package struct Entry: Codable, Sendable {
    package let method: String
    package let title: String
    /// The area under the class's score while the most relevant bins are taken away first: low is faithful.
    package let deletion: Double
    /// The same while they are put into a picture of nothing: high is faithful.
    package let insertion: Double
    /// Insertion less deletion.
    package let faithfulness: Double
    /// Of computing the explanation.
    package let seconds: Double
    /// The score after each step.
    package let deletionCurve: [Double]
    package let insertionCurve: [Double]
  }

  /// - Parameters:
  ///   - methods: names; none for all that explain the model.
  ///   - target: nil for the class with the highest score.
  /// - Throws: `ExplainError.unknownMethod`; `ModelError` for a class that the model does not have.
  package init(_ clip: HeardClip, methods names: [String] = [], target: TargetChoice? = nil) throws {
    self.clip = clip
    let model = clip.model
    guard let asked = try model.targets(target ?? .top(1), for: clip.listening).first else {
      throw ModelError.noSuchClass(0, classes: model.classCount)
    }
    self.asked = asked
    self.target = ClipScores.Score(
      index: asked.index, label: model.label(asked.index),
      score: Double(clip.listening.clipScores[asked.index]).finite ?? 0)
    methods =
      names.isEmpty
      ? (AttributionMethod.all + AttributionMethod.ofSounds).filter { $0.explains(in: .logMel, of: model) }
      : try names.map { try AttributionMethod(named: $0) }
    trial = try model.trial(of: clip.listening, asked, removal: Evaluation.Budget().removal)
  }

  /// Measures one method after another.
  ///
  /// - Parameters:
  ///   - emit: told each method, with its explanation.
  ///   - skipped: told each method that cannot explain the model, and why.
  /// - Throws: `Cancelled`; `GraphError`; what `emit` throws.
  package func run(
    control: RunControl = RunControl(), emit: (Entry, DrawnExplanation) throws -> Void,
    skipped: (String, any Error) throws -> Void = { _, _ in }
  ) throws {
    let canvas = ClipCanvas(
      model: clip.model, clip: clip.clip, listening: clip.listening, writesEvents: false)
    let memory = RowMemory(bound: 256 << 20, keepsGradients: true)
    for (place, method) in methods.enumerated() {
      let part = control.part(place, of: methods.count, method.title)
      try part.report(0, of: 1)
      var settings = try MethodParameters().settings(for: clip.model)
      settings.control = part
      let start = ContinuousClock.now
      do {
        let explanation = try clip.model.explain(
          clip.listening, target: asked, by: method, settings, memory: memory)
        let seconds = (ContinuousClock.now - start).inSeconds
        let (deletion, insertion) = (
          try trial.deletion(explanation.picture), try trial.insertion(explanation.picture)
        )
        let entry = Entry(
          method: method.name, title: method.title, deletion: deletion.area.finite ?? 0,
          insertion: insertion.area.finite ?? 0, faithfulness: (insertion.area - deletion.area).finite ?? 0,
          seconds: seconds, deletionCurve: deletion.values.map { $0.finite ?? 0 },
          insertionCurve: insertion.values.map { $0.finite ?? 0 })
        try emit(entry, canvas.draw(explanation))
      } catch let error as ExplainError {
        try skipped(method.title, error)
      } catch let error as GraphError {
        try skipped(method.title, error)
      }
    }
    try control.report(1, of: 1)
  }
}

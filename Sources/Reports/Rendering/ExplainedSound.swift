package import Audio
package import Explain
package import Figures
package import Models
import Tensors

/// A sound with all its explanations, drawn: ready to be written, shown or sent.
package struct ExplainedSound: Sendable {
  /// As the user named it.
  package let path: String
  /// How the names of its files begin.
  package let stem: String
  package let section: Report.Sound
  package let explanations: [Explanation]

  package struct Explanation: Sendable {
    /// How the names of its files begin.
    package let base: String
    package let record: ExplanationRecord
    package let drawn: DrawnExplanation
  }

  /// An explanation, and the seconds that computing it took.
  package typealias Timed = (explanation: ClipExplanation, seconds: Double)

  /// Draws the clip and its explanations.
  ///
  /// - Parameters:
  ///   - questions: all that were asked of the clip.
  ///   - orders: for each question, whether it hangs on the order of time or of bands.
  package init(
    _ clip: Clip, stem: String, _ listening: Listening, of model: AudioModel, _ found: [Timed],
    questions: [Question], orders: [Question: OrderTest], writesEvents: Bool
  ) throws {
    let canvas = ClipCanvas(model: model, clip: clip, listening: listening, writesEvents: writesEvents)
    let all = found.map(\.explanation)
    let drawn = try concurrentMap(all.count + 1) { index in
      index == 0 ? try canvas.plain() : try canvas.draw(all[index - 1])
    }
    let slugs = FileNames.slugs(of: questions)
    (path, self.stem) = (clip.path, stem)
    explanations = zip(found, drawn.dropFirst()).map { entry, drawn in
      let explanation = entry.explanation
      let domain = explanation.domain == .logMel ? "" : ".\(explanation.domain.rawValue)"
      let base = "\(stem).\(explanation.method.name)\(domain).\(slugs[explanation.question] ?? "class")"
      let record = ExplanationRecord(
        explanation, of: canvas, seconds: entry.seconds, octaves: drawn.octaves,
        order: orders[explanation.question], files: drawn.endings.map { "\(base).\($0)" })
      return Explanation(base: base, record: record, drawn: drawn)
    }
    var section = canvas.section(plain: drawn[0], explanations: Array(zip(all, drawn.dropFirst())))
    section.remarks = questions.compactMap { orders[$0]?.remark(on: $0.label, unit: $0.unit) }
    self.section = section
  }
}

import Audio
import Explain
import Figures
import Files
import Models
import Reports
import Train

/// Explains mistakes: what was heard for the class that a clip was taken for, beside what was heard for its own.
struct MistakeExplainer {
  private let model: AudioModel
  private let match: ClassMatch
  private let method: AttributionMethod?
  private let workspace: Workspace

  /// - Parameter method: nil where none explains the model.
  init(_ model: AudioModel, _ match: ClassMatch, method: AttributionMethod?, workspace: Workspace) {
    (self.model, self.match, self.method, self.workspace) = (model, match, method, workspace)
  }

  /// nil for a clip that cannot be read any more, or is too long to be explained in one piece.
  ///
  /// - Throws: what the network throws.
  func draw(_ mistake: WorstMistakes.Mistake, _ data: DataSet) throws -> (
    item: Gallery.Item, method: String?
  )? {
    let labelled = data.clips[mistake.clip.place]
    let clip: Clip
    do {
      clip = try Clip(
        reading: labelled.path, start: labelled.stretch?.lowerBound ?? 0,
        duration: labelled.stretch.map { $0.upperBound - $0.lowerBound })
    } catch { return nil }
    let samples = try self.model.samples(of: clip.recording)
    let model = try self.model.fitted(toSamples: samples.count)
    let listening = try model.listen(to: samples)
    let canvas = ClipCanvas(model: model, clip: clip, listening: listening, writesEvents: false)
    let own = mistake.classes.isEmpty ? "none of the classes" : mistake.classes.joined(separator: ", ")
    var item = Gallery.Item(
      title: clip.name,
      subtitle:
        "\(own), taken for \(mistake.answerName) (\(TestText.number(Double(mistake.clip.scores[mistake.answer]))))"
    )
    item.isSideBySide = true
    let plain = try canvas.plain()
    item.sounds = [
      Gallery.Sound("Clip", hint: "the whole sound", .embedded(plain.heardPreview, mime: "audio/wav"))
    ]
    var told: String?
    for (name, place) in [("wrong", mistake.answer), ("right", mistake.truth)] {
      guard let method, let output = place.flatMap({ match.outputs[$0] }),
        let target = try model.targets(.index(output), for: listening).first
      else { continue }
      var settings = AttributionMethod.Settings()
      settings.domain = model.defaultDomain
      do {
        let drawn = try canvas.draw(model.explain(listening, target: target, by: method, settings))
        item.pictures.append(drawn.picture)
        item.sounds.append(
          Gallery.Sound(
            "For \(model.label(output))", hint: "what was heard for the \(name) class",
            .embedded(drawn.heardPreview, mime: "audio/wav")))
        told = method.name
      } catch let error as ExplainError where error.isOfTheMethod { continue }
    }
    if item.pictures.isEmpty { item.pictures = [plain.picture] }
    item.parameters =
      [
        Report.Parameter("File", PathText.shown(labelled.path)),
        Report.Parameter(
          "Score of the right class",
          mistake.truth.map { TestText.number(Double(mistake.clip.scores[$0])) } ?? "–"),
      ] + (told.map { [Report.Parameter("Method", $0)] } ?? [])
    return (item, told)
  }
}

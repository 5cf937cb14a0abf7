import Audio
import Files
import Hummingbird
import Jobs
import Models

extension Studio {
  /// The brush: a clip with parts of it muted, soloed or turned to noise, heard anew.
  func addEditRoutes(to api: StudioRoutes) {
    api.post("clips/:id/edit") { [self] request, context in
      let stored = try store.clip(try context.part("id"))
      let (model, edit) = (modelID(request), try await value(EditBody.self, of: request))
      let reply = try await queue.run { [self] _ in
        let before = try heard(stored, by: model)
        let editor = try editor(stored, model, before)
        return try answer(edit, before, after: editor.heard(after: edit.strokes), by: editor)
      }
      return reply.response()
    }
    api.post("clips/:id/edits") { [self] request, context in
      let stored = try store.clip(try context.part("id"))
      let (model, edit) = (modelID(request), try await value(EditBody.self, of: request))
      return try await queue.run { [self] _ in
        let before = try heard(stored, by: model)
        let after = try editor(stored, model, before).heard(after: edit.strokes)
        let path = store.path("incoming", StudioStore.newID())
        try writeWAV(after.clip.recording.scaledToFullScaleIfLouder(), to: path)
        return try keepClip(
          at: path, named: edit.name?.shownName ?? "\(after.clip.stem) (edited).wav", parent: stored.id,
          copies: false
        ).response
      }
    }
  }

  /// What does not depend on the strokes is kept from one to the next.
  private func editor(_ stored: StoredClip, _ model: String, _ before: HeardClip) throws -> ClipEdit {
    let name = "\(stored.id)/\(try version(ofModel: model))"
    if let known = edits.value(name) { return known }
    let editor = try ClipEdit(before)
    edits.keep(editor, bytes: 1 << 16, as: name)
    return editor
  }

  private func answer(_ edit: EditBody, _ before: HeardClip, after: HeardClip, by editor: ClipEdit) throws
    -> Reply
  {
    let scores = after.scores(top: edit.top ?? 8, also: edit.classes ?? [])
    let old = before.listening.clipScores
    var pack = Pack()
    var record = EditRecord(
      scores: scores, classes: scores.classes.map { .init($0, before: Double(old[$0.index])) },
      seconds: after.clip.recording.duration)
    if edit.picture ?? true {
      let view = edit.view ?? .network
      let grid = try editor.grid(view, of: after)
      pack.add("picture", grid.values)
      record.grid = GridRecord(grid, view)
    }
    if edit.audio ?? true {
      let sound = try played(after.clip.recording)
      pack.add("audio", channels: sound.channels)
      (record.rate, record.channels) = (sound.sampleRate, sound.channels.count)
    }
    return try pack.reply(record)
  }
}

/// What the brush did, and what is wanted of it.
private struct EditBody: Decodable {
  let strokes: [StrokeRecord]
  var top: Int?
  /// Classes to tell whatever their scores.
  var classes: [Int]?
  var picture: Bool?
  /// Which picture.
  var view: SoundView?
  var audio: Bool?
  var name: String?
}

private struct EditRecord: Encodable {
  struct Score: Encodable {
    let index: Int
    let label: String
    let score: Double
    let before: Double

    init(_ score: ClipScores.Score, before: Double) {
      (index, label, self.score, self.before) = (
        score.index, score.label, score.score, before.isFinite ? before : 0
      )
    }
  }

  let scores: ClipScores
  let classes: [Score]
  let seconds: Double
  var grid: GridRecord?
  var rate: Int?
  var channels: Int?

  private enum Keys: CodingKey {
    case classes, strip, moments, isProbability, seconds, rate, channels, axes, unit, low, high, view
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(classes, forKey: .classes)
    try container.encode(scores.strip, forKey: .strip)
    try container.encode(scores.moments, forKey: .moments)
    try container.encode(scores.isProbability, forKey: .isProbability)
    try container.encode(seconds, forKey: .seconds)
    try container.encodeIfPresent(rate, forKey: .rate)
    try container.encodeIfPresent(channels, forKey: .channels)
    try grid?.encode(to: encoder)
  }
}

package import Audio
import Explain
import Files
import Graphs
package import Models
package import Probe
package import Tensors

/// A sound that was dreamt upon, and what the model hears in it before and after.
package struct DreamtSound: Sendable {
  package let clip: Clip
  package let stem: String
  package let model: AudioModel
  /// Of the clip.
  package let before: Tensor
  package let result: SoundDream.Result
  package let record: DreamRecord

  /// - Parameter wish: what was drawn out, for captions.
  package init(
    _ clip: Clip, _ dream: SoundDream, _ result: SoundDream.Result, wish: String, _ settings: Dream.Settings,
    stem: String, hasFilm: Bool
  ) throws {
    (self.clip, self.stem, self.result) = (clip, stem, result)
    (model, before) = (dream.model, dream.picture)
    let model = dream.model
    func heard(_ samples: [Float]) throws -> [ClassRecord] {
      let listening = try model.listen(to: samples)
      let scores = listening.clipScores
      return listening.ranking.prefix(5).map { ClassRecord($0, model, scores[$0], listening.meaning) }
    }
    let endings =
      ["png", "svg", "npz"] + (result.sound == nil ? [] : ["wav"]) + (hasFilm ? ["webm", "mp4"] : [])
    record = DreamRecord(
      sound: clip.path, model: model.name, wish: wish, octaves: settings.octaves.count,
      scale: settings.octaves.scale, steps: settings.steps, step: settings.step, seed: settings.seed,
      first: result.dream.first.finite, value: result.dream.last.finite, ending: result.dream.ending.words,
      before: try heard(dream.samples),
      heard: try result.sound.map { try heard($0.map { min(($0 * 0x1p15).rounded(), 32767) * 0x1p-15 }) },
      files: endings.map { "\(stem).dream.\($0)" })
  }
}

/// What `dream` made of a sound, on a line of JSON.
package struct DreamRecord: Codable, Sendable {
  /// As the user named it.
  package let sound: String
  package let model: String
  /// What was drawn out.
  package let wish: String
  package let octaves: Int
  package let scale: Double
  /// In each octave.
  package let steps: Int
  /// As a share of the range of values.
  package let step: Float
  package let seed: UInt64
  /// What is drawn out, in the clip and in the dream.
  @OrNull package var first: Double?
  @OrNull package var value: Double?
  package let ending: String
  /// What the model hears in the clip, and in the sound of the dream; the highest scores first.
  package let before: [ClassRecord]
  package let heard: [ClassRecord]?
  package let files: [String]
}

package import Audio
import Explain
package import Models
package import Reports
import Tensors

/// A clip, and what a model heard in it: what every question about the two begins with.
package struct HeardClip: Sendable {
  package let clip: Clip
  /// For clips of this length.
  package let model: AudioModel
  package let listening: Listening

  /// - Throws: `AudioError`, `ModelError`, `GraphError`.
  package init(_ clip: Clip, by model: AudioModel) throws {
    let samples = try model.samples(of: clip.recording)
    (self.clip, self.model) = (clip, try model.fitted(toSamples: samples.count))
    listening = try self.model.listen(to: samples)
  }

  /// Another state of a clip that was heard: what did not change is not computed again.
  ///
  /// - Parameter recording: as long as the clip's.
  init(_ heard: HeardClip, changedTo recording: Recording) throws {
    var clip = heard.clip
    clip.recording = recording
    (self.clip, model) = (clip, heard.model)
    listening = try model.listen(to: model.samples(of: recording), knowing: heard.listening)
  }

  /// The frames of the model's picture that lie within the clip; those behind are padding.
  var frames: Int { model.clipFrames(of: clip.recording.duration, in: listening) }

  /// What the model heard, and when.
  ///
  /// - Parameters:
  ///   - top: how many classes are told, the highest scores first.
  ///   - also: classes that are told whatever their scores.
  package func scores(top: Int, also: [Int] = []) -> ClipScores {
    let (all, meaning) = (listening.clipScores, listening.meaning)
    let leading = Array(listening.ranking.prefix(max(0, top)))
    let told = leading + also.filter { all.indices.contains($0) && !leading.contains($0) }
    let end = clip.recording.duration
    return ClipScores(
      model: model.name, activation: meaning.activation, isProbability: meaning.isProbability,
      remark: model.remark(on: meaning)?.text,
      classes: told.map { .init(index: $0, label: model.label($0), score: Double(all[$0]).finite ?? 0) },
      moments: listening.moments.map { [min($0.start, end), min($0.end, end)] },
      strip: told.map { index in
        .init(
          index: index, label: model.label(index),
          scores: listening.moments.indices.map { Double(listening.scores[$0, index]).finite ?? 0 })
      })
  }
}

/// What a model heard in a clip: over all of it, and at each of its moments.
package struct ClipScores: Codable, Sendable {
  package struct Score: Codable, Sendable, Hashable {
    package let index: Int
    package let label: String
    package let score: Double
  }

  package struct Strip: Codable, Sendable, Hashable {
    package let index: Int
    package let label: String
    /// One a moment.
    package let scores: [Double]
  }

  package let model: String
  package let activation: ModelDescription.Activation
  package let isProbability: Bool
  /// What should be known of the scores.
  @OrNull package var remark: String?
  /// The highest scores first; those that were asked for by number last.
  package let classes: [Score]
  /// From when to when, in seconds.
  package let moments: [[Double]]
  package let strip: [Strip]
}

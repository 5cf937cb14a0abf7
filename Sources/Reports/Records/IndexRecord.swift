package import Catalogue
import Files

/// What a run of `index` did, and where its time went.
package struct IndexRecord: Codable, Sendable, Hashable {
  package var catalogue: String
  package var model: String
  /// In the catalogue now.
  package var sounds = 0
  package var layers = 0
  package var channels = 0
  /// In this run.
  package var added = 0
  package var known = 0
  package var failed = 0
  package var removed = 0
  /// Heard in this run.
  package var soundSeconds = 0.0
  package var seconds = 0.0
  package var patches = 0
  package var timesRealTime = 0.0
  package var profile = Profile()

  /// Seconds. Of the thread with the network on the clock, of those that read sounds in processor time.
  package struct Profile: Codable, Sendable, Hashable {
    package var network = 0.0
    package var waitingForSounds = 0.0
    package var tallying = 0.0
    package var writing = 0.0
    package var decoding = 0.0
    package var frontEnd = 0.0
    package var descriptors = 0.0

    enum CodingKeys: String, CodingKey {
      case network = "network_s"
      case waitingForSounds = "waiting_for_sounds_s"
      case tallying = "tallying_s"
      case writing = "writing_s"
      case decoding = "decoding_cpu_s"
      case frontEnd = "front_end_cpu_s"
      case descriptors = "descriptors_cpu_s"
    }
  }

  package init(catalogue: String, model: String) { (self.catalogue, self.model) = (catalogue, model) }

  package mutating func take(_ costs: IndexCosts) {
    (soundSeconds, seconds, patches) = (costs.sound, costs.wall, costs.patches)
    timesRealTime = costs.wall > 0 ? costs.sound / costs.wall : 0
    profile.network = costs.network
    profile.waitingForSounds = costs.waiting
    profile.tallying = costs.tallying
    profile.writing = costs.writing
    profile.decoding = costs.decoding
    profile.frontEnd = costs.frontEnd
    profile.descriptors = costs.describing
  }

  enum CodingKeys: String, CodingKey {
    case catalogue, model, sounds, layers, channels, added, known, failed, removed, seconds, patches, profile
    case soundSeconds = "sound_seconds"
    case timesRealTime = "times_real_time"
  }
}

/// What became of a sound, as JSON.
package struct IndexStepRecord: Codable, Sendable {
  package var sound: String
  /// `added`, `unchanged` or `failed`.
  package var status: String
  package var seconds: Double?
  package var error: String?

  package init(_ step: IndexStep) {
    switch step {
    case .added(let source, let seconds):
      (sound, status, self.seconds) = (PathText.shown(source.path), "added", seconds)
    case .unchanged(let source): (sound, status) = (PathText.shown(source.path), "unchanged")
    case .failed(let source, let reason):
      (sound, status, error) = (PathText.shown(source.path), "failed", reason)
    }
  }
}

import Audio

/// Networks that people share, told by the extents of their input and the number of their classes.
struct KnownNetwork {
  /// What it is called in reasons.
  let name: String
  /// The extents of one row's axes, those of 1 left out; nil for an axis that is free.
  let input: [Int?]
  /// Results that go with it; empty for any.
  let classes: [Int]
  /// The preset that listens as it does.
  let preset: String
  /// Whether the form of the input is its own: then any number of classes will do for a likely proposal.
  let isUnmistakable: Bool

  private init(
    _ name: String, _ input: [Int?], _ classes: [Int], _ preset: String, isUnmistakable: Bool = true
  ) {
    (self.name, self.input, self.classes) = (name, input, classes)
    (self.preset, self.isUnmistakable) = (preset, isUnmistakable)
  }

  /// More particular ones first.
  static let all: [KnownNetwork] = [
    KnownNetwork("BirdNET", [144_000], [6522], "birdnet"),
    KnownNetwork("Perch", [160_000], [10932, 14795], "perch"),
    KnownNetwork("CREPE", [1024], [360], "crepe"),
    KnownNetwork("YAMNet", [96, 64], [521], "yamnet"),
    KnownNetwork("VGGish", [96, 64], [128], "vggish"),
    KnownNetwork("a network trained on YAMNet's patches", [96, 64], [], "yamnet", isUnmistakable: false),
    KnownNetwork("musicnn", [187, 96], [50, 200], "musicnn"),
    KnownNetwork("AST", [1024, 128], [527, 35], "ast"),
    KnownNetwork("Whisper's encoder", [80, 3000], [], "whisper"),
    KnownNetwork("CLAP's audio tower", [1001, 64], [512, 768, 1024], "clap"),
    KnownNetwork("PANNs", [1001, 64], [527, 50, 10], "panns"),
    KnownNetwork("openWakeWord", [76, 32], [], "openwakeword"),
    KnownNetwork("OpenL3", [128, 199], [512, 6144], "openl3"),
    KnownNetwork("the imitations' tower of IMINET", [39, 482], [], "iminet-imitation"),
    KnownNetwork(
      "the recordings' tower of IMINET", [128, 128], [], "iminet-recording", isUnmistakable: false),
    KnownNetwork("a network for pictures", [3, 224, 224], [], "hear-and-see", isUnmistakable: false),
  ]

  /// Whether an input of these extents is this one's, whichever of its axes comes first.
  func takes(_ extents: [Int?]) -> Bool { extents == input || extents == Array(input.reversed()) }
}

/// What a network on samples usually takes, by how many.
struct KnownLength {
  let samples: Int
  let rate: Int

  var seconds: Double { Double(samples) / Double(rate) }

  static let all: [KnownLength] = [
    KnownLength(samples: 16_000, rate: 16_000), KnownLength(samples: 8000, rate: 8000),
    KnownLength(samples: 48_000, rate: 48_000), KnownLength(samples: 144_000, rate: 48_000),
    KnownLength(samples: 160_000, rate: 32_000), KnownLength(samples: 320_000, rate: 32_000),
    KnownLength(samples: 480_000, rate: 48_000), KnownLength(samples: 80_000, rate: 16_000),
    KnownLength(samples: 220_500, rate: 44_100), KnownLength(samples: 88_200, rate: 44_100),
    KnownLength(samples: 44_100, rate: 44_100), KnownLength(samples: 22_050, rate: 22_050),
    KnownLength(samples: 66_150, rate: 22_050), KnownLength(samples: 3200, rate: 16_000),
    KnownLength(samples: 1024, rate: 16_000), KnownLength(samples: 15_600, rate: 16_000),
  ]

  /// The rate that so many samples are usually taken at: a known pair, or that which gives a round number of seconds.
  static func rate(for samples: Int) -> (rate: Int, isKnown: Bool) {
    if let known = all.first(where: { $0.samples == samples }) { return (known.rate, true) }
    let rates = [16_000, 32_000, 48_000, 44_100, 22_050, 8000]
    if let rate = rates.first(where: { samples % $0 == 0 }) { return (rate, false) }
    return (rates.first { samples * 2 % $0 == 0 } ?? 16_000, false)
  }
}

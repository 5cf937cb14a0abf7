import Audio
import Files
public import Models
import Tensors

/// Finds clips to evaluate on, and makes mixtures of them.
public struct EvaluationSounds {
  let model: AudioModel
  /// What a clip's class must have at least.
  let leastProbability: Float
  let seed: UInt64

  /// Sounds that cannot be used, and why.
  public private(set) var notes: [String] = []

  public init(model: AudioModel, leastProbability: Float, seed: UInt64) {
    (self.model, self.leastProbability, self.seed) = (model, leastProbability, seed)
  }

  /// A sound at the front end's rate.
  public struct Source: Sendable {
    public let path: String
    public let samples: [Float]
    /// The stretch that is explained.
    public let clip: [Float]
  }

  /// The default length of a clip in seconds: two patches of the model.
  public static func defaultDuration(of model: AudioModel) -> Double {
    2 * Double(model.frontEnd.patch.frames) * model.frontEnd.hopSeconds
  }

  /// The first `count` sounds whose loudest `duration` seconds the model is sure enough of, in the
  /// order of `paths`.
  public mutating func sources(
    among paths: [String], count: Int, duration: Double, control: RunControl = RunControl()
  ) throws -> [Source] {
    var sources: [Source] = []
    var (unreadable, unsure, silent) = (0, 0, 0)
    for path in paths {
      guard sources.count < count else { break }
      let samples: [Float]
      do {
        let recording = try Recording.read(path, from: 0, duration: Clip.longest)
        samples = try recording.mono(at: model.frontEnd.sampleRate)
      } catch {
        unreadable += 1
        if unreadable <= 3 { notes.append("\(error)") }
        continue
      }
      let clip = samples.loudest(Int(duration * Double(model.frontEnd.sampleRate)))
      guard clip.contains(where: { $0 != 0 }) else {
        silent += 1
        continue
      }
      let listening = try model.listen(to: clip)
      guard let best = listening.ranking.first, listening.clipScores[best] >= leastProbability else {
        unsure += 1
        continue
      }
      sources.append(Source(path: path, samples: samples, clip: clip))
      try control.report(sources.count, of: count, "reading sounds")
    }
    for (number, reason) in [
      (unreadable, "which could not be read"), (silent, "which are silent"),
      (unsure, "in which no class has a probability of \(leastProbability)"),
    ] where number > 0 { notes.append("left out: \(number) of the sounds, \(reason)") }
    return sources
  }

  /// Up to `count` mixtures of two sounds, one patch of each, in time and in bands by turns as far as there are both.
  public mutating func mixtures(
    of sources: [Source], count: Int, control: RunControl = RunControl()
  ) throws -> [(name: String, mixture: Mixture)] {
    let length = Int(Self.defaultDuration(of: model) / 2 * Double(model.frontEnd.sampleRate))
    let centres = model.frontEnd.bandCentres
    let splits = Set([1, 2, 3].map { centres[$0 * centres.count / 4] }).sorted()
    let placements = [Mixture.Placement.time] + splits.map { .bands(split: $0) }
    let sounds = sources.map { source in
      (
        name: Clip.stem(of: Folder.name(of: source.path)),
        samples: source.samples.loudest(length)
      )
    }
    let parts = try placements.map { placement in
      try [false, true].map { isSecond in
        try sounds.map {
          try model.mixturePart($0.samples, placement: placement, isSecond: isSecond, length: length)
        }
      }
    }
    var generator = SplitMix64(seed: seed)
    let pairs = sounds.indices.flatMap { a in sounds.indices.filter { $0 != a }.map { (a, $0) } }
      .shuffled(using: &generator)
    var found: [[(name: String, mixture: Mixture)]] = [[], []]
    for (a, b) in pairs {
      for (placement, parts) in zip(placements, parts) {
        let (kind, joint) = placement == .time ? (0, "then") : (1, "below")
        // Half of each; where one kind is rare, the other fills up.
        guard found[kind].count < count, found.reduce(0, { $0 + min($1.count, count / 2) }) < count,
          let mixture = try model.mixture(parts[0][a], parts[1][b], placement: placement)
        else { continue }
        found[kind].append(("\(sounds[a].name) \(joint) \(sounds[b].name)", mixture))
        // Of the same two, one mixture of a kind is enough.
        if kind == 1 { break }
      }
      try control.report(min(count, found.reduce(0) { $0 + $1.count }), of: count, "making mixtures")
    }
    let inBands = min(found[1].count, max(count / 2, count - found[0].count))
    let inTime = min(found[0].count, count - inBands)
    let chosen = Array(found[0].prefix(inTime) + found[1].prefix(inBands))
    notes.append(
      "\(chosen.count) mixtures, \(inTime) in time and \(inBands) in bands, of the \(pairs.count) ways to put two of the "
        + "\(sounds.count) clips together: in the others a class is not heard where it ought to be, or in both parts."
    )
    return chosen
  }

  /// The files that are meant, a folder standing for all in it and below: shuffled, one from each folder in turn.
  public static func inTurn(_ paths: [String], seed: UInt64) throws -> [String] {
    var generator = SplitMix64(seed: seed)
    let folders = try paths.filter(Folder.exists).flatMap { try SoundFiles.folders(in: $0) }
    var queues = folders.sorted { ($0.first ?? "") < ($1.first ?? "") }.map { $0.shuffled(using: &generator) }
    var order = paths.filter { !Folder.exists($0) }
    while queues.contains(where: { !$0.isEmpty }) {
      for index in queues.indices where !queues[index].isEmpty { order.append(queues[index].removeLast()) }
    }
    return order
  }
}

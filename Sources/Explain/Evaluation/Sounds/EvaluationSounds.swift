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
  /// What files are called, by their paths, where it is not what the user calls them.
  public var names: [String: String] = [:]

  /// Sounds that cannot be used, and why.
  public private(set) var notes: [String] = []

  public init(model: AudioModel, leastProbability: Float, seed: UInt64) {
    (self.model, self.leastProbability, self.seed) = (model, leastProbability, seed)
  }

  /// A sound at the front end's rate.
  public struct Source: Sendable {
    public let path: String
    /// At most the two minutes around the clip.
    public let samples: [Float]
    /// The stretch that is explained.
    public let clip: [Float]
    /// Where the clip begins in the sound, in seconds.
    public let start: Double
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
      let offset: Double
      do { (samples, offset) = try part(of: path, around: duration) } catch {
        unreadable += 1
        if unreadable <= 3 { notes.append("\(error)") }
        continue
      }
      let rate = Double(model.sampleRate)
      let clip = samples.loudest(Int(duration * rate))
      let start = offset + Double(samples.loudestStart(Int(duration * rate))) / rate
      guard clip.contains(where: { $0 != 0 }) else {
        silent += 1
        continue
      }
      let listening = try model.listen(to: clip)
      guard let best = listening.ranking.first, listening.clipScores[best] >= leastProbability else {
        unsure += 1
        continue
      }
      if offset > 0 {
        notes.append("\(path): its loudest stretch begins at \((start * 100).rounded() / 100) s")
      }
      sources.append(Source(path: path, samples: samples, clip: clip, start: start))
      try control.report(sources.count, of: count, "reading sounds")
    }
    for (number, reason) in [
      (unreadable, "which could not be read"), (silent, "which are silent"),
      (unsure, "in which no class has a probability of \(leastProbability)"),
    ] where number > 0 { notes.append("left out: \(number) of the sounds, \(reason)") }
    return sources
  }

  /// A sound at the front end's rate, and where in the file it begins: all of it, or of what is longer than a clip may be the
  /// part around its loudest `duration` seconds.
  private mutating func part(of path: String, around duration: Double) throws(AudioError) -> (
    samples: [Float], start: Double
  ) {
    let rate = model.sampleRate
    let most = Int(Clip.longest * Double(rate))
    let reader = try RecordingReader(path, sampleRate: rate)
    let samples = try reader.next(most + 1)
    guard samples.count > most else {
      notes += reader.flaws.map { "\(path): \($0)" }
      return (samples, 0)
    }
    guard !reader.isStream else {
      notes.append("\(path): only its first \(Int(Clip.longest)) s were used: it can be read only once")
      return (Array(samples.prefix(most)), 0)
    }
    let search = try RecordingReader(path, sampleRate: rate)
    let loudest = Double(try search.loudestStart(Int(duration * Double(rate)))) / Double(rate)
    let start = max(0, loudest + duration / 2 - Clip.longest / 2)
    let part = try RecordingReader(path, sampleRate: rate, from: start, duration: Clip.longest)
    notes += search.flaws.map { "\(path): \($0)" }
    return (try part.next(most), start)
  }

  /// Up to `count` mixtures of two sounds, one patch of each, in time and in bands by turns as far as there are both.
  public mutating func mixtures(
    of sources: [Source], count: Int, control: RunControl = RunControl()
  ) throws -> [(name: String, mixture: Mixture)] {
    let length = Int(Self.defaultDuration(of: model) / 2 * Double(model.sampleRate))
    let centres = model.axes.bandCentres.sorted()
    let splits = Set([1, 2, 3].map { centres[$0 * centres.count / 4] }).sorted()
    let placements = [Mixture.Placement.time] + splits.map { .bands(split: $0) }
    let sounds = sources.map { source in
      (
        name: Clip.stem(of: names[source.path] ?? Folder.name(of: source.path)),
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

  /// The files that are meant, a folder standing for all in it and below: shuffled, one from each folder in turn; and what
  /// was passed over.
  ///
  /// - Throws: `FileError`, `AudioError.noSounds`.
  public static func inTurn(_ paths: [String], seed: UInt64) throws -> (sounds: [String], notes: [String]) {
    var generator = SplitMix64(seed: seed)
    let sounds = try SoundFiles(in: paths)
    var queues = sounds.folders.sorted { ($0.first ?? "") < ($1.first ?? "") }
      .map { $0.shuffled(using: &generator) }
    var order = sounds.named
    while queues.contains(where: { !$0.isEmpty }) {
      for index in queues.indices where !queues[index].isEmpty { order.append(queues[index].removeLast()) }
    }
    return (order, sounds.notes)
  }
}

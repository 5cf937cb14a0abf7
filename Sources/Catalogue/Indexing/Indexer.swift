package import Audio
package import Explain
import Files
package import Models
import Probe
import Tensors

/// Lets a model hear a corpus, and writes down what its layers made of it.
///
/// Threads read sounds and make patches; the caller's thread puts the patches of several sounds together, runs the network on
/// all of them at once, and adds each sound to the catalogue when all its patches are heard. An interrupted catalogue ends as
/// an undisturbed one: see ``PatchRun``.
package struct Indexer {
  /// Descriptors of a recording, by name.
  package typealias Describe = @Sendable (Recording) throws -> [(name: String, value: Double)]

  private let writer: CatalogueWriter
  private let describe: Describe?
  private let run: PatchRun

  /// - Parameter layers: those that `writer`'s catalogue has, in its order.
  package init(
    _ model: AudioModel, layers: [ObservedLayer], into writer: CatalogueWriter, describe: Describe?
  ) {
    (self.writer, self.describe) = (writer, describe)
    run = PatchRun(model, layers)
  }

  /// Values of patches that wait for the network: a quarter of a gigabyte.
  private static let mostWaiting = 1 << 26

  /// - Parameters:
  ///   - sources: files that are new, or whose size or time has changed.
  ///   - threads: that read sounds.
  /// - Throws: `Cancelled`; `CatalogueError`; what the network throws.
  package func index(
    _ sources: [SoundSource], threads: Int = ComputeThreads.count, control: RunControl,
    emit: (IndexStep) throws -> Void
  ) throws -> IndexCosts {
    let queue = InOrder<SoundPreparation.Piece>(
      count: sources.count, ahead: 32 + threads, mostWeight: Self.mostWaiting
    ) { $0.count }
    let preparation = SoundPreparation(model: run.model, describe: describe)
    let known = sources.map { source in
      writer.files[source.path].flatMap { $0.status == .failed ? nil : $0.contentHash }
    }
    let workers = (0..<min(max(1, threads), sources.count)).map { _ in
      WorkerThread {
        while let number = queue.next() {
          preparation.pieces(of: sources[number], known: known[number]) { queue.add($0, to: number) }
        }
      }
    }
    defer {
      queue.stop()
      for worker in workers { worker.join() }
    }
    guard workers.isEmpty || workers.contains(where: \.isRunning) else {
      throw CatalogueError.unwritable(writer.folder, reason: "the system gives no threads")
    }
    var session = Session(self)
    let begun = clockSeconds()
    for (number, source) in sources.enumerated() {
      try session.take(source, from: queue, emit)
      queue.advance()
      try control.report(number + 1, of: sources.count, Folder.name(of: source.path))
    }
    try session.end(emit)
    session.costs.wall = clockSeconds() - begun
    return session.costs
  }
}

/// What became of a sound.
package enum IndexStep: Sendable {
  case added(SoundSource, seconds: Double)
  /// Its time or size had changed, its content had not.
  case unchanged(SoundSource)
  case failed(SoundSource, reason: String)
}

/// Where the time went.
package struct IndexCosts: Sendable, Hashable {
  package var wall = 0.0
  /// Of the thread that runs the network, in seconds of the clock.
  package var waiting = 0.0
  package var network = 0.0
  package var tallying = 0.0
  package var writing = 0.0
  /// Of the threads that read sounds, in seconds of processor time.
  package var decoding = 0.0
  package var frontEnd = 0.0
  package var describing = 0.0
  /// Heard sound, in seconds.
  package var sound = 0.0
  package var patches = 0
}

extension Indexer {
  /// A sound that is being heard.
  private final class OpenSound {
    let source: SoundSource
    let tallies: [LayerTally]
    /// Patches that wait for the network.
    var waiting = 0
    var end: SoundPreparation.End?
    var failure: String?

    init(_ source: SoundSource, _ tallies: [LayerTally]) { (self.source, self.tallies) = (source, tallies) }
  }

  /// Patches between the threads that make them and the network.
  private struct Session {
    let indexer: Indexer
    var open: [OpenSound] = []
    var rows: [Tensor] = []
    var lanes: [(sound: OpenSound, moment: PatchMoment)] = []
    var costs = IndexCosts()

    init(_ indexer: Indexer) { self.indexer = indexer }

    mutating func take(
      _ source: SoundSource, from queue: InOrder<SoundPreparation.Piece>, _ emit: (IndexStep) throws -> Void
    ) throws {
      let sound = OpenSound(source, indexer.run.tallies(perFile: indexer.writer.settings.perFile))
      open.append(sound)
      while true {
        let begun = clockSeconds()
        let piece = queue.take()
        costs.waiting += clockSeconds() - begun
        switch piece {
        case .patches(let patches, let moments):
          rows.append(patches)
          lanes += moments.map { (sound, $0) }
          sound.waiting += moments.count
          try runFullBatches()
        case .end(let end):
          sound.end = end
          return try close(emit)
        case .failed(let reason):
          sound.failure = reason
          return try close(emit)
        case .unchanged:
          open.removeLast()
          if let file = indexer.writer.files[source.path] { try indexer.writer.update(file, source) }
          return try emit(.unchanged(source))
        }
      }
    }

    mutating func end(_ emit: (IndexStep) throws -> Void) throws {
      if !lanes.isEmpty { try run(lanes.count) }
      try close(emit)
    }

    // MARK: - Network

    private mutating func runFullBatches() throws {
      // Steps of a sequence belong to one sound.
      if indexer.run.model.isStateful { return try run(lanes.count) }
      while lanes.count >= indexer.run.rows { try run(indexer.run.rows) }
    }

    /// Runs the network on the first `count` patches.
    private mutating func run(_ count: Int) throws {
      let joined = rows.count == 1 ? rows[0] : Tensor(joining: rows)
      rows = count < joined.shape[0] ? [joined.rows(count..<joined.shape[0])] : []
      let cost = try indexer.run.hear(
        joined.rows(0..<count),
        lanes.prefix(count).map { PatchRun.Lane(tallies: $0.sound.tallies, moment: $0.moment) },
        indexer.writer.thresholds)
      costs.network += cost.network
      costs.tallying += cost.tally
      costs.patches += count
      for lane in lanes.prefix(count) { lane.sound.waiting -= 1 }
      lanes.removeFirst(count)
    }

    // MARK: - Sounds that are heard

    /// Writes down the first of the open sounds, as far as all their patches are heard.
    private mutating func close(_ emit: (IndexStep) throws -> Void) throws {
      while let sound = open.first, sound.waiting == 0, sound.end != nil || sound.failure != nil {
        open.removeFirst()
        let begun = clockSeconds()
        let step = try write(sound)
        costs.writing += clockSeconds() - begun
        try emit(step)
      }
    }

    private mutating func write(_ sound: OpenSound) throws -> IndexStep {
      let vectors = sound.tallies.compactMap(\.means)
      guard let end = sound.end, sound.failure == nil, vectors.count == sound.tallies.count else {
        let reason = sound.failure ?? "the network gives values that are no numbers"
        try indexer.writer.addFailure(sound.source, reason)
        return .failed(sound.source, reason: reason)
      }
      costs.decoding += end.cost.decoding
      costs.frontEnd += end.cost.frontEnd
      costs.describing += end.cost.describing
      costs.sound += end.seconds
      try indexer.writer.add(
        IndexedClip(
          source: sound.source, contentHash: end.contentHash, seconds: end.seconds, vectors: vectors,
          places: sound.tallies.map(\.candidates), descriptors: end.descriptors))
      return .added(sound.source, seconds: end.seconds)
    }
  }
}

import Audio
import Files
import Glibc
import Models
import Tensors

/// Reads sounds and makes their patches: what stands before the network, done by several threads.
struct SoundPreparation: Sendable {
  let model: AudioModel
  let describe: Indexer.Describe?

  /// A part of a sound, in the order in which it sounds.
  enum Piece: Sendable {
    /// `[patches, frames, bands]`, and where each lies.
    case patches(Tensor, [PatchMoment])
    case end(End)
    /// The file holds what it held.
    case unchanged
    case failed(String)

    /// Values that it holds.
    var count: Int { if case .patches(let patches, _) = self { patches.count } else { 0 } }
  }

  struct End: Sendable {
    var contentHash: ContentHash
    var seconds: Double
    var descriptors: [(name: String, value: Double)]
    var cost: Cost
  }

  /// Seconds of processor time.
  struct Cost: Sendable {
    var decoding = 0.0
    var frontEnd = 0.0
    var describing = 0.0
  }

  /// Up to this many seconds are heard in one piece, and described; what is longer is heard a minute at a time.
  static let longestWhole = 600.0
  static let stretch = 60.0

  /// - Parameters:
  ///   - known: what its content was, if it was indexed before.
  ///   - emit: false where nobody wants more.
  func pieces(of source: SoundSource, known: String?, emit: (Piece) -> Bool) {
    var cost = Cost()
    do {
      let hash = try measured(\.decoding, &cost) { try ContentHash(ofFileAt: source.path) }
      guard hash.digits != known else {
        _ = emit(.unchanged)
        return
      }
      let (seconds, descriptors) = try hear(source.path, &cost, emit)
      _ = emit(.end(End(contentHash: hash, seconds: seconds, descriptors: descriptors, cost: cost)))
    } catch is Abandoned {
    } catch { _ = emit(.failed("\(error)")) }
  }

  private struct Abandoned: Error {}

  private func hear(_ path: String, _ cost: inout Cost, _ emit: (Piece) -> Bool) throws -> (
    Double, [(name: String, value: Double)]
  ) {
    let duration = try measured(\.decoding, &cost) { try Recording.probe(path).duration }
    guard let duration, duration > Self.longestWhole, model.channelCount == 1 else {
      let recording = try measured(\.decoding, &cost) {
        try Recording.read(path, limit: duration == nil ? nil : 2 * Self.longestWhole)
      }
      let samples = try measured(\.decoding, &cost) { try model.samples(of: recording) }
      var next = 0
      try emitPatches(samples, from: 0, &next, &cost, emit)
      let descriptors = try measured(\.describing, &cost) { try describe?(recording) ?? [] }
      return (model.duration(of: samples), descriptors)
    }
    let reader = try RecordingReader(path, sampleRate: model.sampleRate)
    let length = Int(Self.stretch) * model.sampleRate
    var (heard, next) = (0, 0)
    while true {
      let samples = try measured(\.decoding, &cost) { try reader.next(length) }
      if samples.isEmpty { break }
      try emitPatches(samples, from: Double(heard) / Double(model.sampleRate), &next, &cost, emit)
      heard += samples.count
    }
    return (Double(heard) / Double(model.sampleRate), [])
  }

  private func emitPatches(
    _ samples: [Float], from start: Double, _ next: inout Int, _ cost: inout Cost, _ emit: (Piece) -> Bool
  ) throws {
    let (patches, starts) = try measured(\.frontEnd, &cost) {
      let picture = try model.picture(of: samples)
      return (model.patches(of: picture), model.patchStarts(frames: picture.shape[0]))
    }
    let end = start + model.duration(of: samples)
    let moments = starts.enumerated().map { index, frame in
      PatchMoment(index: next + index, firstFrame: frame, start: start, end: end)
    }
    next += starts.count
    guard emit(.patches(patches, moments)) else { throw Abandoned() }
  }

  private func measured<Result>(
    _ part: WritableKeyPath<Cost, Double>, _ cost: inout Cost, _ body: () throws -> Result
  ) rethrows -> Result {
    let begun = WorkerThread.processorSeconds
    defer { cost[keyPath: part] += WorkerThread.processorSeconds - begun }
    return try body()
  }
}

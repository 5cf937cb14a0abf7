package import Audio
package import Explain
package import Files
import Models
package import Reports
package import Tensors

/// What a run of `classify` tells, one by one.
package enum ClassifyEvent: Sendable {
  /// What should be known of the model's scores, and what can be done; told once.
  case remark(String, Remedy)
  /// A sound, or a stretch of it, with the scores of every moment where they were wanted.
  case heard(ClassificationRecord, patches: Tensor?)
  /// What is wrong with a sound that was heard all the same.
  case flawed(sound: String, [Flaw])
  /// A sound cannot be read; the others are.
  case failed(sound: String, any Error)
}

/// Listens to sounds, long ones stretch by stretch in bounded memory.
package struct ClassifyJob {
  private let request: ClassifyRequest
  private let model: AudioModel

  /// Up to this many seconds are listened to in one piece.
  private static let longestWhole = 600.0
  /// The length of a stretch of what is longer.
  private static let defaultStretch = 60.0

  package init(_ request: ClassifyRequest, in workspace: Workspace) throws {
    (self.request, model) = (request, try workspace.model(request.model).onWholeNetwork)
  }

  /// - Throws: `Cancelled`; `ClassifyError`; what `emit` throws.
  package func run(control: RunControl = RunControl(), emit: (ClassifyEvent) throws -> Void) throws {
    var remarks: Set<String> = []
    func emitOnce(_ event: ClassifyEvent) throws {
      if case .remark(let text, _) = event, !remarks.insert(text).inserted { return }
      try emit(event)
    }
    for (number, sound) in request.sounds.enumerated() {
      let part = control.part(number, of: request.sounds.count, Folder.name(of: sound))
      do { try listen(to: sound, part, emitOnce) } catch let error as AudioError {
        try emit(.failed(sound: sound, error))
      }
    }
  }

  private func listen(to sound: String, _ control: RunControl, _ emit: (ClassifyEvent) throws -> Void)
    throws
  {
    let rate = model.sampleRate
    let part = request.part
    guard model.channelCount == 1 else { return try listenToChannels(of: sound, control, emit) }
    let reader = try RecordingReader(
      sound, sampleRate: rate, from: part.start, duration: part.duration, channel: part.channel)
    let known = reader.duration.map { min($0 - part.start, part.duration ?? .infinity) } ?? part.duration
    let isLong = known.map { $0 > Self.longestWhole } ?? false
    let seconds = request.stretch ?? (isLong ? Self.defaultStretch : Self.longestWhole)
    let length = Int(seconds * Double(rate))

    var samples = try reader.next(length)
    // Whether a sound of unknown length is longer than one stretch, and what is wrong with a stretch's end, shows only in
    // the next.
    let isCut = request.stretch != nil || isLong
    var following = try reader.next(length)
    let isOnlyOne = following.isEmpty
    if request.keepsPatches, !isOnlyOne { throw ClassifyError.severalStretches(sound, seconds: seconds) }
    var heard = 0
    while !samples.isEmpty {
      try control.check()
      let start = part.start + Double(heard) / Double(rate)
      heard += samples.count
      let model = try model.fitted(toSamples: samples.count).onWholeNetwork
      let listening = try model.listen(to: samples)
      if let (text, remedy) = model.remark(on: listening.meaning) { try emit(.remark(text, remedy)) }
      let end = following.isEmpty ? .infinity : start + Double(samples.count) / Double(rate)
      let flaws = reader.flaws.filter { ($0.end > start || heard == samples.count) && $0.start < end }
      let record = record(
        of: sound, listening, by: model, start: start, isStretch: isCut || !isOnlyOne || part.start > 0,
        seconds: Double(samples.count) / Double(rate), flaws)
      try emit(.heard(record, patches: request.keepsPatches ? listening.scores : nil))
      if let known { try control.report(Int(Double(heard) / Double(rate)), of: max(1, Int(known))) }
      samples = following
      following = samples.isEmpty ? [] : try reader.next(length)
    }
    if !reader.flaws.isEmpty { try emit(.flawed(sound: sound, reader.flaws)) }
  }

  /// The same of a network that listens to several channels: in one piece.
  private func listenToChannels(
    of sound: String, _ control: RunControl, _ emit: (ClassifyEvent) throws -> Void
  ) throws {
    let recording = try Recording.read(
      sound, from: request.part.start, duration: min(request.part.duration ?? .infinity, Self.longestWhole))
    try control.check()
    let listening = try model.listen(to: model.samples(of: recording))
    if let (text, remedy) = model.remark(on: listening.meaning) { try emit(.remark(text, remedy)) }
    let record = record(
      of: sound, listening, by: model, start: request.part.start, isStretch: request.part.start > 0,
      seconds: recording.duration, recording.flaws)
    try emit(.heard(record, patches: request.keepsPatches ? listening.scores : nil))
    if !recording.flaws.isEmpty { try emit(.flawed(sound: sound, recording.flaws)) }
  }

  /// - Parameter isStretch: whether it is a part of the sound, which begins at `start`.
  private func record(
    of sound: String, _ listening: Listening, by model: AudioModel, start: Double, isStretch: Bool,
    seconds: Double, _ flaws: [Flaw]
  ) -> ClassificationRecord {
    let (scores, meaning) = (listening.clipScores, listening.meaning)
    var record = ClassificationRecord(
      sound: PathText.shown(sound), start: isStretch ? start : nil, seconds: seconds, meaning: meaning,
      classes: listening.ranking.prefix(request.top).map { ClassRecord($0, model, scores[$0], meaning) },
      flaws: flaws.map { FlawRecord($0) })
    if request.findsSegments || request.threshold != nil || model.momentRule != .patches {
      record.moments = model.momentRule
      record.segments = listening.segments(threshold: request.threshold, within: seconds).map {
        SegmentRecord($0, model, meaning, from: start)
      }
    }
    return record
  }
}

/// What can keep sounds from being classified as asked.
package enum ClassifyError: RemediableError {
  /// The scores of every moment, of more than one stretch.
  case severalStretches(String, seconds: Double)

  package var isMisuse: Bool { true }
  package var remedy: Remedy? { .choosePart }

  package var description: String {
    switch self {
    case .severalStretches(let sound, let seconds):
      "\(sound) is longer than one stretch of \(NumberText.rounded(seconds, digits: 6)) s, in which alone the "
        + "scores of patches are kept"
    }
  }
}

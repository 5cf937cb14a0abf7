package import Audio
package import Explain
import Files
package import Reports

/// What a run of `descriptors` tells, one by one.
package enum DescriptorsEvent: Sendable {
  /// What was passed over in a folder.
  case passedOver(String)
  case described(DescriptorRecord)
  /// What is wrong with a sound that was read all the same.
  case flawed(sound: String, [Flaw])
  /// A sound cannot be read; the others are.
  case failed(sound: String, any Error)
}

/// Describes sounds in numbers, one after another, each on all threads.
package struct DescriptorsJob {
  private let request: DescriptorsRequest

  /// Seconds of sound that are held at once: half an hour takes 0.7 GB.
  private static let longest = 1800.0

  package init(_ request: DescriptorsRequest) { self.request = request }

  /// - Throws: `Cancelled`; `FileError` and `AudioError` for folders; what `emit` throws.
  package func run(control: RunControl = RunControl(), emit: (DescriptorsEvent) throws -> Void) throws {
    let files = try SoundFiles(in: request.sounds)
    for note in files.notes { try emit(.passedOver(note)) }
    for (number, sound) in files.all.enumerated() {
      try control.report(number, of: files.all.count, Folder.name(of: sound))
      do { try emit(.described(describe(sound, emit))) } catch let error as AudioError {
        try emit(.failed(sound: sound, error))
      }
    }
    try control.report(files.all.count, of: files.all.count)
  }

  private func describe(_ sound: String, _ emit: (DescriptorsEvent) throws -> Void) throws -> DescriptorRecord
  {
    let part = request.part
    let recording = try Recording.read(
      sound, from: part.start, duration: part.duration, limit: Self.longest, channel: part.channel)
    if !recording.flaws.isEmpty { try emit(.flawed(sound: sound, recording.flaws)) }
    return DescriptorRecord(
      sound: PathText.shown(sound), start: part.start, try FrameDescriptors(of: recording),
      keepsFrames: request.keepsFrames, flaws: recording.flaws.map { FlawRecord($0) })
  }
}

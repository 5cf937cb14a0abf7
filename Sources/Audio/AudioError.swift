public import Files

/// What can go wrong between a sound file and the numbers a network listens to.
///
/// Every message is one line: what, where, and what to do about it.
public enum AudioError: RemediableError, Equatable {
  case notFound(path: String)
  case isFolder(path: String)
  /// A folder, and others maybe, in which nothing is a sound.
  case noSounds(folder: String, others: Int, passedOver: [String])
  case unreadable(path: String, reason: String)
  /// The file has no bytes at all.
  case emptyFile(path: String)
  /// FFmpeg recognises no media in it.
  case notAudio(path: String)
  /// An MP4 file without its index, which is written last.
  case unfinished(path: String)
  /// Media, but silent by nature: a picture, a film without a sound track.
  case noAudioStream(path: String)
  /// A sound of length zero.
  case noSamples(path: String)
  case undecodable(path: String, reason: String)
  /// A sample that is NaN, infinite or beyond ±1e9.
  case notFinite(path: String, seconds: Double)
  case startBeyondEnd(path: String, start: Double, seconds: Double)
  /// A start or duration that is negative or not a number.
  case badStretch(path: String, reason: String)
  /// Longer than may be held in memory; `seconds` is what the file has, or what was decoded so far.
  case tooLong(path: String, seconds: Double, limit: Double)
  case absurdSampleRate(path: String, hertz: Int)
  case absurdChannelCount(path: String, channels: Int)
  /// A channel was asked for that the file does not have.
  case noSuchChannel(path: String, channel: Int, channels: Int)
  case cannotResample(from: Int, to: Int, reason: String)
  /// A film cannot be written.
  case cannotFilm(reason: String)
  /// Samples beyond ±1 do not fit a 16-bit file.
  case beyondFullScale(peak: Float)
  /// More than a WAV file's 32-bit lengths can tell.
  case tooLargeForWAV(bytes: Int)
  /// A front end's value that cannot be; `key` is its place in the JSON, such as `mel.highest`.
  case badFrontEnd(key: String, value: String, problem: String)
  case unknownPreset(name: String)
  /// A picture that does not tell what sound it is of, or is none of this front end's.
  case noSoundOfPicture(reason: String)
  /// A library that decodes and resamples is missing.
  case noFFmpeg(reason: String)

  public var remedy: Remedy? {
    guard case .tooLong = self else { return nil }
    return .choosePart
  }

  public var description: String {
    switch self {
    case .notFound(let path):
      "\(shown(path)): no such file; check the path"
    case .isFolder(let path):
      "\(shown(path)): is a folder; name a sound file in it"
    case .noSounds(let folder, let others, let passedOver):
      "\(shown(folder)): there are no sounds in it" + (others > 0 ? ", nor in \(others) other folders" : "")
        + passedOver.map { "; \(shown($0))" }.joined()
    case .unreadable(let path, let reason):
      "\(shown(path)): cannot be read: \(reason)"
    case .emptyFile(let path):
      "\(shown(path)): is empty (0 bytes); was it copied or recorded completely?"
    case .notAudio(let path):
      "\(shown(path)): is not a sound file that FFmpeg knows; give a WAV, FLAC, MP3, Ogg, M4A or video file"
    case .unfinished(let path):
      "\(shown(path)): is an MP4 file without its index (moov): it was cut short or never finished; copy it again, or "
        + "repair it with a tool for that"
    case .noAudioStream(let path):
      "\(shown(path)): has no sound track; give a file with sound"
    case .noSamples(let path):
      "\(shown(path)): has no samples (its length is zero); give a longer sound"
    case .undecodable(let path, let reason):
      "\(shown(path)): cannot be decoded: \(reason); convert it to WAV or FLAC first"
    case .notFinite(let path, let seconds):
      "\(shown(path)): the sample at \(rounded(seconds)) s is not a usable number (NaN, infinite or beyond "
        + "1e9); export the sound again or cut there"
    case .startBeyondEnd(let path, let start, let seconds):
      "\(shown(path)): starts reading at \(rounded(start)) s, but the sound ends at \(rounded(seconds)) s; "
        + "start earlier"
    case .badStretch(let path, let reason):
      "\(shown(path)): \(reason)"
    case .tooLong(let path, let seconds, let limit):
      "\(shown(path)): has \(NumberText.rounded(seconds, digits: 6)) s or more, and at most "
        + "\(NumberText.rounded(limit, digits: 6)) s are read at once"
    case .absurdSampleRate(let path, let hertz):
      "\(shown(path)): a sample rate of \(hertz) Hz is outside \(Limits.sampleRates.lowerBound) to "
        + "\(Limits.sampleRates.upperBound) Hz; correct the file's header or resample it"
    case .absurdChannelCount(let path, let channels):
      "\(shown(path)): \(channels) channels are outside 1 to \(Limits.channels.upperBound); "
        + "correct the file's header or mix it down"
    case .noSuchChannel(let path, let channel, let channels):
      "\(shown(path)): has \(channels) channel\(channels == 1 ? "" : "s"), and channel \(channel) is asked for"
    case .cannotResample(let from, let to, let reason):
      "cannot resample from \(from) Hz to \(to) Hz: \(reason)"
    case .cannotFilm(let reason):
      "the film cannot be written: \(reason)"
    case .beyondFullScale(let peak):
      "samples reach \(peak), beyond the full scale of a 16-bit file; scale the sound to a peak of 1 first"
    case .tooLargeForWAV(let bytes):
      "\(bytes) bytes of samples are more than a WAV file can hold; write a shorter stretch"
    case .badFrontEnd(let key, let value, let problem):
      "front end: \"\(shown(key))\" is \(shown(value)): \(problem)"
    case .unknownPreset(let name):
      "front end: no preset is named '\(shown(name))'; there are "
        + FrontEnd.presetNames.joined(separator: ", ")
    case .noSoundOfPicture(let reason):
      "this picture cannot be turned into sound: \(reason)"
    case .noFFmpeg(let reason):
      "FFmpeg, which reads sounds, cannot be loaded: \(reason); install Debian's libavformat, libavcodec and libswresample"
    }
  }
}

/// The bounds within which a header or a front end is believed.
enum Limits {
  static let sampleRates = 1000...1_000_000
  static let channels = 1...64
  static let largestSample: Float = 1e9
}

/// A path or value as one printable line; standard input by its name.
private func shown(_ text: String) -> String {
  guard text != "-" else { return "standard input" }
  let line = String(
    String.UnicodeScalarView(
      PathText.shown(text).unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : $0 }))
  return line.count > 400 ? line.prefix(400) + "..." : line
}

/// Seconds to the millisecond, without trailing zeros beyond the first.
private func rounded(_ seconds: Double) -> String {
  guard seconds.isFinite, abs(seconds) < 1e12 else { return "\(seconds)" }
  return "\((seconds * 1000).rounded() / 1000)"
}

import Files

/// A stretch of a sound that is listened to in one piece.
public struct Clip: Sendable {
  /// For pages and pictures.
  public var name: String
  /// As the user named the sound.
  public var path: String
  /// How the names of its files begin.
  public var stem: String
  public var recording: Recording
  /// Where it begins in the sound, in seconds.
  public var start = 0.0

  /// The longest clip that is explained in one piece, in seconds.
  public static let longest = 120.0

  public init(name: String, stem: String, recording: Recording) {
    self.name = name
    path = name
    self.stem = stem
    self.recording = recording
  }

  /// Reads a stretch of the sound at `path`; `"-"` is standard input.
  ///
  /// - Throws: `AudioError`; `.tooLong` beyond `longest`.
  public init(
    reading path: String, start: Double = 0, duration: Double? = nil, channel: Channel = .mix
  ) throws(AudioError) {
    let file = PathText.shown(Folder.name(of: path))
    self.init(
      name: path == "-" ? "standard input" : file,
      stem: path == "-" ? "standard-input" : Self.stem(of: file),
      recording: try Recording.read(
        path, from: start, duration: duration, limit: Self.longest, channel: channel))
    self.path = PathText.shown(path)
    self.start = start
  }

  /// The name of `file` without its extension, as the beginning of other files' names: visible, on one line, and
  /// short enough that what follows it finds room in the 255 bytes of a name.
  public static func stem(of file: String) -> String {
    var stem = file.onOneLine.drop { $0 == "." }
    if let dot = stem.lastIndex(of: "."), dot > stem.startIndex { stem = stem[..<dot] }
    while stem.utf8.count > 128 { stem.removeLast() }
    return stem.isEmpty ? "sound" : String(stem)
  }
}

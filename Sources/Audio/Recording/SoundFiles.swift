import Files

/// The sounds that paths stand for: a folder for all in it and below, any other path for itself.
///
/// In a folder a file counts as a sound by its ending, or, if that says nothing, by its first bytes. What is passed over is
/// told in ``notes``. A path that is no folder is taken as it is: also a pipe, as of `<(command)`.
public struct SoundFiles: Sendable {
  /// The paths that are no folders, in the order given.
  public private(set) var named: [String] = []
  /// The sounds of each folder and of those below it, in the order of the folders' names.
  public private(set) var folders: [[String]] = []
  /// What was passed over, one sentence for each folder and reason.
  public private(set) var notes: [String] = []
  /// All of them: those of folders where the folder stands.
  public private(set) var all: [String] = []

  /// - Throws: `FileError` for a folder that cannot be read, `AudioError.noSounds` where there is none at all.
  public init(in paths: [String]) throws {
    var empty: [String] = []
    for path in paths {
      guard Folder.exists(path) else {
        named.append(path)
        all.append(path)
        continue
      }
      let walk = try FolderWalk(path, isWanted: Self.isSound)
      folders += walk.folders
      all += walk.files
      let passed = Self.notes(of: walk, in: path)
      notes += passed
      if walk.files.isEmpty {
        empty.append(path)
        notes.append("\(PathText.shown(path)): there are no sounds in it")
      }
    }
    if all.isEmpty, let first = empty.first {
      let passed = notes.filter { !$0.hasSuffix("no sounds in it") }
      throw AudioError.noSounds(folder: first, others: empty.count - 1, passedOver: passed)
    }
  }

  /// For each reason how many were passed over, and the first of them.
  private static func notes(of walk: FolderWalk, in folder: String) -> [String] {
    var reasons: [(reason: String, paths: [String])] = []
    for passed in walk.passedOver {
      let reason = "\(passed.reason)"
      if let place = reasons.firstIndex(where: { $0.reason == reason }) {
        reasons[place].paths.append(passed.path)
      } else {
        reasons.append((reason, [passed.path]))
      }
    }
    return reasons.map { reason, paths in
      let shown = paths.prefix(3).map {
        PathText.shown(String($0.dropFirst(folder.count).drop { $0 == "/" }))
      }
      let more = paths.count > 3 ? " and \(paths.count - 3) more" : ""
      return "\(PathText.shown(folder)): passed over: \(shown.joined(separator: ", "))\(more): \(reason)"
    }
  }

  // MARK: - What is a sound

  /// By its ending, or, if that says nothing, by its first bytes.
  package static func isSound(_ path: String) -> Bool {
    let parts = Folder.name(of: path).split(separator: ".", omittingEmptySubsequences: false)
    let ending = parts.count > 1 ? parts.last?.lowercased() ?? "" : ""
    if endings.contains(ending) { return true }
    return !others.contains(ending) && beginsAsSound(path)
  }

  private static let endings: Set = [
    "wav", "wave", "rf64", "bwf", "w64", "aif", "aiff", "aifc", "au", "snd", "caf", "flac", "mp3", "mp2",
    "ogg", "oga", "opus",
    "spx", "m4a", "m4b", "mp4", "m4v", "mov", "aac", "ac3", "eac3", "wma", "wmv", "asf", "webm", "mka", "mkv",
    "avi", "ts",
    "mts", "mpg", "mpeg", "amr", "ape", "wv", "tta", "flv", "3gp", "ogv", "dts",
  ]
  /// What lies beside sounds, and must not even be opened.
  private static let others: Set = [
    "txt", "csv", "tsv", "json", "md", "png", "jpg", "jpeg", "gif", "svg", "html", "htm", "npz", "npy",
    "onnx", "xml", "pdf",
    "lab", "textgrid", "svl", "eaf", "py", "yaml", "yml", "toml", "zip", "gz", "tar", "log", "db", "sqlite",
  ]

  /// The first bytes of the containers that are common.
  private static func beginsAsSound(_ path: String) -> Bool {
    guard let file = try? FileInFolder(at: path), let head = file.bytes(at: 0, count: 12) else {
      return false
    }
    func has(_ text: String, at place: Int = 0) -> Bool {
      head.dropFirst(place).starts(with: Array(text.utf8))
    }
    if has("RIFF") || has("RF64") || has("BW64") { return has("WAVE", at: 8) || has("AVI ", at: 8) }
    if has("FORM") { return has("AIF", at: 8) }
    let isMPEG = head[0] == 0xFF && (head[1] & 0xE6 == 0xE2 || head[1] & 0xF6 == 0xF0)
    return isMPEG || has("fLaC") || has("OggS") || has("ID3") || has("ftyp", at: 4) || has("caff")
      || has(".snd")
      || has("wvPk") || has("MAC ") || has("TTA1") || has("#!AMR") || has("riff")
      || head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) || head.starts(with: [0x30, 0x26, 0xB2, 0x75])
  }
}

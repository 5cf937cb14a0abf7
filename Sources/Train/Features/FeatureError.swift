public import Files

/// What can keep the pictures of a data set from being made or kept.
public enum FeatureError: RemediableError {
  /// Clips that cannot be used, where that is to end the run.
  case unusable([FeatureFailure], of: Int)
  /// No clip is left.
  case nothingUsable([FeatureFailure])
  /// A change of sounds that cannot be meant.
  case change(String, reason: String)
  /// A file in the cache's folder that is none of its files.
  case foreign(path: String, reason: String)
  case diskFull(folder: String)
  case unwritable(folder: String, reason: String)

  public var isMisuse: Bool {
    switch self {
    case .change, .foreign: true
    case .unusable, .nothingUsable, .diskFull, .unwritable: false
    }
  }

  public var description: String {
    switch self {
    case .unusable(let failures, let count):
      "\(failures.count) of \(count) clips cannot be used: \(Self.list(failures)); repair or remove them, or skip them"
    case .nothingUsable(let failures):
      "no clip can be used: \(Self.list(failures))"
    case .change(let change, let reason): "'\(change)': \(reason)"
    case .foreign(let path, let reason):
      "\(PathText.shown(path)): \(reason); name another folder for the cache, or delete this file"
    case .diskFull(let folder):
      "\(PathText.shown(folder)): the disk is full; what is in the cache stays usable. Make room, or name a folder on "
        + "another disk, and start again: it goes on where it stopped"
    case .unwritable(let folder, let reason):
      "\(PathText.shown(folder)): the cache cannot be written: \(reason); name another folder"
    }
  }

  private static func list(_ failures: [FeatureFailure]) -> String {
    let shown = failures.prefix(5).map(\.description).joined(separator: "; ")
    return failures.count > 5 ? "\(shown); and \(failures.count - 5) more" : shown
  }
}

/// A clip that has no pictures, and why.
public struct FeatureFailure: Sendable, Hashable, CustomStringConvertible {
  /// Its place among the clips.
  public let clip: Int
  public let path: String
  /// One sentence, which names the file.
  public let reason: String

  public var description: String { reason }
}

/// What is done about clips that are no good.
public struct UnusableClips: Sendable, Hashable, Codable {
  /// Files that cannot be decoded, or of which the front end makes no numbers.
  public var unreadable: Rule
  /// Clips in which no sample reaches the last place of 16 bits.
  public var silent: Rule

  public enum Rule: String, Sendable, Codable, CaseIterable {
    /// The run ends, and names them.
    case refuse
    /// They have no pictures; the store names them.
    case skip
    /// They are used like all others, and named; of unreadable files that is the same as `skip`.
    case keep
  }

  public init(unreadable: Rule = .refuse, silent: Rule = .keep) {
    (self.unreadable, self.silent) = (unreadable, silent)
  }
}

import Files
import GRDB

/// What can go wrong with a catalogue. Paths are as the user named them.
package enum CatalogueError: RemediableError {
  /// There is nothing at the path, or no catalogue in the folder.
  case notFound(String)
  /// A folder of other things, in which no catalogue is begun.
  case notEmpty(String)
  /// The database in the folder is not a catalogue's.
  case notACatalogue(String, reason: String)
  /// Written by a newer version.
  case newerFormat(String, found: Int, known: Int)
  /// Made with other weights.
  case otherModel(String, made: ModelIdentity, given: ModelIdentity)
  /// Made with the same weights behind another front end, or on other patches.
  case otherFrontEnd(String, made: ModelIdentity, given: ModelIdentity)
  /// Made with other settings, which it keeps for all files: layers, places a channel, places a file.
  case otherSettings(String, what: String, made: String, given: String)
  /// Another process writes to it.
  case locked(String, process: Int?)
  case diskFull(String)
  case unwritable(String, reason: String)
  /// The database and the vectors do not fit each other, or cannot be read.
  case damaged(String, reason: String)
  case noLayer(String, nearest: [String], layers: [String])
  case noChannel(Int, layer: String, channels: Int)
  /// Too few sounds with a class for a question about classes.
  case noClasses(String)

  package var isMisuse: Bool {
    switch self {
    case .noLayer, .noChannel, .otherSettings, .notEmpty: true
    default: false
    }
  }

  package var description: String {
    switch self {
    case .notFound(let path):
      "\(PathText.shown(path)): there is no catalogue; make one with 'otoscope index SOUNDS --output \(PathText.shown(path))'"
    case .notEmpty(let path):
      "\(PathText.shown(path)): holds other files and no catalogue; name a new or an empty folder"
    case .notACatalogue(let path, let reason):
      "\(PathText.shown(path)): is not a catalogue: \(reason); name a folder that 'otoscope index' has made"
    case .newerFormat(let path, let found, let known):
      "\(PathText.shown(path)): has format \(found), and this version knows up to \(known); use a newer Otoscope, or index "
        + "into another folder"
    case .otherModel(let path, let made, let given):
      "\(PathText.shown(path)): was made with \(made.name) (content \(made.contentHash)), and \(given.name) has content "
        + "\(given.contentHash); give that model, or index into another folder"
    case .otherFrontEnd(let path, let made, let given):
      "\(PathText.shown(path)): was made with \(made.name) behind another front end: "
        + "\(made.firstDifference(from: given)); give the same --front-end and --patch, or index into another folder"
    case .otherSettings(let path, let what, let made, let given):
      "\(PathText.shown(path)): was made with \(what) \(made), not \(given); leave it out, or index into another folder"
    case .locked(let path, let process):
      "\(PathText.shown(path)): another process \(process.map { "(\($0)) " } ?? "")is writing to it; wait until it has ended"
    case .diskFull(let path):
      "\(PathText.shown(path)): the disk is full; what was finished is kept: make room and run the same command again"
    case .unwritable(let path, let reason):
      "\(PathText.shown(path)): cannot be written: \(reason); name another folder"
    case .damaged(let path, let reason):
      "\(PathText.shown(path)): is damaged: \(reason); delete the folder and index again"
    case .noLayer(let name, let nearest, let layers):
      if nearest.isEmpty {
        "the catalogue has no layer '\(name)'; it has \(Self.list(layers))"
      } else {
        "the catalogue has no layer '\(name)'; did you mean \(nearest.map { "'\($0)'" }.joined(separator: " or "))?"
      }
    case .noClasses(let path):
      "\(PathText.shown(path)): has no two classes of two recordings each; index again with --labels-from and a table of "
        + "files and classes"
    case .noChannel(let channel, let layer, let channels):
      "layer '\(layer)' has channels 0 to \(channels - 1), not \(channel)"
    }
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > 12 ? "\(shown) and \(names.count - 12) more" : shown
  }

  /// What SQLite says, in the catalogue's words.
  init(_ error: DatabaseError, at folder: String) {
    let reason = error.message ?? "\(error.resultCode)"
    switch error.resultCode {
    case .SQLITE_FULL: self = .diskFull(folder)
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked(folder, process: nil)
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN: self = .unwritable(folder, reason: reason)
    case .SQLITE_NOTADB: self = .notACatalogue(folder, reason: reason)
    case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_WRITE: self = .diskFull(folder)
    default: self = .damaged(folder, reason: reason)
    }
  }

  /// Runs `body`; what the database says becomes a `CatalogueError`.
  static func translating<Result>(_ folder: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as DatabaseError { throw CatalogueError(error, at: folder) }
  }
}

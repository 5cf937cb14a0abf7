/// What can go wrong with a file or a folder, before its content matters.
public enum FileError: Error, CustomStringConvertible, Equatable {
  case notFound(path: String)
  case isFolder(path: String)
  case unreadable(path: String, reason: String)
  /// The file is longer than what is read at once; `bytes` is its size, or how many came from a pipe until then.
  case tooLarge(path: String, bytes: Int, limit: Int)
  case unwritable(path: String, reason: String)

  public var description: String {
    switch self {
    case .notFound(let path):
      "\(PathText.shown(path)): no such file; check the path"
    case .isFolder(let path):
      "\(PathText.shown(path)): is a folder; name a file in it"
    case .unreadable(let path, let reason):
      "\(PathText.shown(path)): cannot be read: \(reason)"
    case .tooLarge(let path, let bytes, let limit):
      "\(PathText.shown(path)): has \(bytes) bytes or more, and at most \(limit) are read at once; choose a smaller file"
    case .unwritable(let path, let reason):
      "\(PathText.shown(path)): cannot be written: \(reason); choose another output folder"
    }
  }
}

/// The files in a folder and below it, each once, in an order that depends on nothing but their names.
///
/// First all that really lies there: a folder's files by their names, then its folders. Then what links lead to, unless it
/// was met already: a link to itself or upwards adds nothing, two links to one folder add it once. Hidden files and folders
/// are left out. Pipes, sockets and devices are passed over without being opened.
public struct FolderWalk: Sendable {
  /// What was passed over, and why.
  public struct PassedOver: Sendable, Hashable {
    public enum Reason: Sendable, Hashable {
      case kind(FileKind.Kind)
      case brokenLink
      /// It leads to what was met already.
      case repeated
      /// A folder that cannot be read, in the system's words.
      case unreadable(String)
      /// A file of another kind than the wanted ones.
      case unwanted
    }

    public let path: String
    public let reason: Reason
  }

  /// The wanted files of each folder that has any.
  public private(set) var folders: [[String]] = []
  public private(set) var passedOver: [PassedOver] = []
  /// All wanted files.
  public var files: [String] { folders.flatMap(\.self) }

  private var seen: Set<FileKind> = []
  private var links: [String] = []

  /// - Parameter isWanted: whether a file is one of those looked for.
  /// - Throws: `FileError` where `folder` itself is none or cannot be read.
  public init(_ folder: String, isWanted: (String) -> Bool) throws(FileError) {
    if let kind = FileKind(of: folder) { seen.insert(kind) }
    enter(try Folder.visiblePaths(in: folder), isWanted)
    // Links found behind links join the queue.
    var next = 0
    while next < links.count {
      follow(links[next], isWanted)
      next += 1
    }
  }

  private mutating func enter(_ paths: [String], _ isWanted: (String) -> Bool) {
    var files: [String] = []
    var inside: [String] = []
    for path in paths {
      if FileKind.isLink(path) {
        links.append(path)
      } else if let kind = FileKind(of: path) {
        guard kind.kind != .folder else {
          if seen.insert(kind).inserted { inside.append(path) }
          continue
        }
        if take(path, kind, isWanted) { files.append(path) }
        seen.insert(kind)
      }
    }
    if !files.isEmpty { folders.append(files) }
    for folder in inside { list(folder, isWanted) }
  }

  private mutating func list(_ folder: String, _ isWanted: (String) -> Bool) {
    do throws(FileError) { enter(try Folder.visiblePaths(in: folder), isWanted) } catch {
      let reason = if case .unreadable(_, let reason) = error { reason } else { "\(error)" }
      passedOver.append(PassedOver(path: folder, reason: .unreadable(reason)))
    }
  }

  private mutating func follow(_ link: String, _ isWanted: (String) -> Bool) {
    guard let kind = FileKind(of: link) else {
      return passedOver.append(PassedOver(path: link, reason: .brokenLink))
    }
    guard seen.insert(kind).inserted else {
      return passedOver.append(PassedOver(path: link, reason: .repeated))
    }
    if kind.kind == .folder {
      list(link, isWanted)
    } else if take(link, kind, isWanted) {
      folders.append([link])
    }
  }

  private mutating func take(_ path: String, _ kind: FileKind, _ isWanted: (String) -> Bool) -> Bool {
    guard kind.kind == .file else {
      passedOver.append(PassedOver(path: path, reason: .kind(kind.kind)))
      return false
    }
    guard isWanted(path) else {
      passedOver.append(PassedOver(path: path, reason: .unwanted))
      return false
    }
    return true
  }
}

extension FolderWalk.PassedOver.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .kind(let kind): "is a \(kind.rawValue)"
    case .brokenLink: "is a link to nothing"
    case .repeated: "is a link to what is there already"
    case .unreadable(let reason): "cannot be read: \(reason)"
    case .unwanted: "is no sound"
    }
  }
}

import Glibc

/// A file that is read in pieces, as one that another file names: it must lie in that one's folder, wherever links lead.
public struct FileInFolder: ~Copyable {
  private let descriptor: Int32
  private let path: String
  public let byteCount: Int

  /// Opens the file called `name`, a path relative to `folder` (empty: the current one).
  ///
  /// - Throws: `FileError`, also for a name that leads out of the folder: `..`, an absolute path, a link.
  public init(_ name: String, in folder: String) throws(FileError) {
    let base = folder.isEmpty ? "." : folder
    let path = "\(base)/\(name)"
    let components = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.isEmpty, !components.contains(".."), components.first != "", !name.utf8.contains(0) else {
      throw .unreadable(path: name, reason: "it is not a path within \(base)")
    }
    guard let real = Self.resolved(path), let root = Self.resolved(base) else {
      throw errno == ENOENT
        ? .notFound(path: path) : .unreadable(path: path, reason: WholeFile.systemMessage())
    }
    guard real.hasPrefix(root == "/" ? root : root + "/") else {
      throw .unreadable(path: path, reason: "it leads out of \(base)")
    }
    try self.init(
      path: path, opened: real.withPath { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) })
  }

  /// Opens the file at `path`, in whichever folder it is.
  ///
  /// - Throws: `FileError`, also for what is no regular file.
  public init(at path: String) throws(FileError) {
    try self.init(path: path, opened: path.withPath { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) })
  }

  private init(path: String, opened descriptor: Int32) throws(FileError) {
    guard descriptor >= 0 else { throw .unreadable(path: path, reason: WholeFile.systemMessage()) }
    var information = stat()
    guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .unreadable(path: path, reason: "it is not a file")
    }
    self.path = path
    self.descriptor = descriptor
    byteCount = Int(information.st_size)
  }

  deinit { close(descriptor) }

  private static func resolved(_ path: String) -> String? {
    guard let real = path.withPath({ realpath($0, nil) }) else { return nil }
    defer { free(real) }
    return PathText.text(at: real)
  }

  /// `count` bytes from `offset` on; nil where the file has not as many or cannot be read.
  public func bytes(at offset: Int, count: Int) -> [UInt8]? {
    guard offset >= 0, count >= 0, offset <= byteCount - count else { return nil }
    var bytes = [UInt8](repeating: 0, count: count)
    do { try bytes.withUnsafeMutableBytes { try read(into: $0, at: offset) } } catch { return nil }
    return bytes
  }

  /// Fills `buffer` with the bytes from `offset` on.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    var done = 0
    while done < buffer.count {
      let received = pread(
        descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
      guard received > 0 else {
        if received < 0, errno == EINTR { continue }
        throw .unreadable(path: path, reason: received < 0 ? WholeFile.systemMessage() : "it ends early")
      }
      done += received
    }
  }
}

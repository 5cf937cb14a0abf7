import Glibc
import Synchronization

/// Files read in one piece and written whole or not at all.
public enum WholeFile {
  /// The bytes of the file at `path`; a pipe or a device is read until it ends.
  ///
  /// - Throws: `FileError` when the file is missing, a folder, unreadable or longer than `limit` bytes.
  public static func read(_ path: String, limit: Int = 8 << 30) throws(FileError) -> [UInt8] {
    let descriptor = path.withPath { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else {
      throw errno == ENOENT ? .notFound(path: path) : .unreadable(path: path, reason: systemMessage())
    }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else {
      throw .unreadable(path: path, reason: systemMessage())
    }
    guard !isKind(S_IFDIR, information) else { throw .isFolder(path: path) }
    let size = Int(information.st_size)
    guard size <= limit else { throw .tooLarge(path: path, bytes: size, limit: limit) }
    // A pipe tells no size, and a file may grow: read until nothing comes, but never past the limit.
    var bytes = [UInt8]()
    bytes.reserveCapacity(size)
    while true {
      let piece = min(max(size - bytes.count, 1 << 16), 1 << 20)
      var failure: String?
      let received = withUnsafeTemporaryAllocation(byteCount: piece, alignment: 16) { buffer in
        let received = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        if received < 0, errno != EINTR { failure = systemMessage() }
        if received > 0 { bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<received])) }
        return received
      }
      if let failure { throw .unreadable(path: path, reason: failure) }
      if bytes.count > limit { throw .tooLarge(path: path, bytes: bytes.count, limit: limit) }
      if received == 0 { return bytes }
    }
  }

  /// Writes `bytes` to `path`: first into a temporary file in the same folder, which then takes the name.
  /// Whoever looks sees the old file or the new one, never a half. A link stays a link: the file it leads to is
  /// replaced. A pipe or a device (`/dev/stdout`) is written to as it is.
  ///
  /// - Throws: `FileError.unwritable`; a file that was at `path` before is still there then.
  public static func write(_ bytes: some Collection<UInt8>, to path: String) throws(FileError) {
    try write(bytes, to: path, listedIn: .current)
  }

  package static func write(
    _ bytes: some Collection<UInt8>, to path: String, listedIn partialFiles: PartialFiles
  ) throws(FileError) {
    var information = stat()
    let isThere = path.withPath { stat($0, &information) } == 0
    if isThere, isKind(S_IFDIR, information) { throw .unwritable(path: path, reason: "it is a folder") }
    if isThere, !isKind(S_IFREG, information) {
      return try write(bytes, into: path.withPath { open($0, O_WRONLY | O_CLOEXEC) }, named: path)
    }
    let target = isThere ? resolvingLinks(path) : path
    let temporary = temporaryPath(for: target)
    do throws(FileError) {
      try write(bytes, into: partialFiles.create(temporary), named: path)
      guard partialFiles.finish(temporary, as: target) == 0 else {
        throw .unwritable(path: path, reason: systemMessage())
      }
    } catch {
      partialFiles.abandon(temporary)
      throw error
    }
  }

  /// Makes the folder at `path`, and those above it, where they are missing, and checks that it can be written to.
  ///
  /// - Returns: the folders that were missing, outermost first.
  @discardableResult
  public static func makeFolder(_ path: String) throws(FileError) -> [String] {
    var made: [String] = []
    do throws(FileError) {
      var place = path.hasPrefix("/") ? "/" : ""
      for part in path.split(separator: "/") {
        place += (place.isEmpty || place.hasSuffix("/") ? "" : "/") + part
        if place.withPath({ mkdir($0, 0o755) }) == 0 {
          made.append(place)
        } else if errno != EEXIST {
          throw .unwritable(path: path, reason: systemMessage())
        }
      }
      var information = stat()
      guard path.withPath({ stat($0, &information) }) == 0 else {
        throw .unwritable(path: path, reason: systemMessage())
      }
      guard isKind(S_IFDIR, information) else {
        throw .unwritable(path: path, reason: "a file of that name is in the way")
      }
      guard path.withPath({ access($0, W_OK) }) == 0 else {
        throw .unwritable(path: path, reason: systemMessage())
      }
    } catch {
      removeEmptyFolders(made)
      throw error
    }
    return made
  }

  /// Takes away what `makeFolder` made, as far as nothing came to lie in it.
  public static func removeEmptyFolders(_ made: [String]) {
    for folder in made.reversed() where folder.withPath({ rmdir($0) }) != 0 { return }
  }

  /// Whether there is anything at `path`: a file, a folder, a pipe.
  public static func exists(_ path: String) -> Bool { path.withPath { access($0, F_OK) } == 0 }

  /// A path in the folder of `target` that no other task or process uses; its name no longer than names may be.
  private static func temporaryPath(for target: String) -> String {
    let ending = ".\(getpid()).\(number.wrappingAdd(1, ordering: .relaxed).newValue).partial"
    let slash = target.lastIndex(of: "/").map { target.index(after: $0) } ?? target.startIndex
    var name = target[slash...]
    while name.utf8.count + ending.utf8.count > Int(NAME_MAX) { name.removeLast() }
    return target[..<slash] + name + ending
  }

  /// Counts the temporary files, so that two tasks writing one path do not share theirs.
  private static let number = Atomic(0)

  /// Writes all of `bytes` to what was just opened, and closes it. Errors name `path`.
  private static func write(
    _ bytes: some Collection<UInt8>, into descriptor: Int32, named path: String
  ) throws(FileError) {
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: systemMessage()) }
    var failure: String?
    ContiguousArray(bytes).withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count, failure == nil {
        let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
        if count >= 0 { written += count } else if errno != EINTR { failure = systemMessage() }
      }
    }
    if close(descriptor) != 0, failure == nil { failure = systemMessage() }
    if let failure { throw .unwritable(path: path, reason: failure) }
  }

  /// Where `path` leads; itself, if that cannot be said.
  private static func resolvingLinks(_ path: String) -> String {
    guard let resolved = path.withPath({ realpath($0, nil) }) else { return path }
    defer { free(resolved) }
    return PathText.text(at: resolved)
  }

  private static func isKind(_ kind: mode_t, _ information: stat) -> Bool {
    information.st_mode & S_IFMT == kind
  }

  static func systemMessage() -> String { String(cString: strerror(errno)) }
}

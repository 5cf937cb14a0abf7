import Glibc

/// Files read in one piece and written whole or not at all.
public enum WholeFile {
  /// The bytes of the file at `path`.
  ///
  /// - Throws: `FileError` when the file is missing, a folder, unreadable or longer than `limit` bytes.
  public static func read(_ path: String, limit: Int = 8 << 30) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? .notFound(path: path) : .unreadable(path: path, reason: systemMessage())
    }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else {
      throw .unreadable(path: path, reason: systemMessage())
    }
    guard information.st_mode & S_IFMT != S_IFDIR else { throw .isFolder(path: path) }
    let size = Int(information.st_size)
    guard size <= limit else { throw .tooLarge(path: path, bytes: size, limit: limit) }
    // A pipe or a device tells no size: read on until the end, never past the limit.
    var bytes = [UInt8]()
    bytes.reserveCapacity(size)
    var failure: String?
    while failure == nil {
      let step = max(1, min(max(size - bytes.count, 1 << 16), 1 << 26))
      let count = bytes.count
      let received = withUnsafeTemporaryAllocation(byteCount: min(step, 1 << 20), alignment: 16) { buffer in
        let received = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        if received > 0 { bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<received])) }
        return received
      }
      if received == 0 { return bytes }
      if received < 0 {
        if errno == EINTR { continue }
        failure = systemMessage()
      }
      if bytes.count > limit { throw .tooLarge(path: path, bytes: count, limit: limit) }
    }
    throw .unreadable(path: path, reason: failure ?? "")
  }

  /// Writes `bytes` to `path`: first into a temporary file in the same folder, which then takes the name.
  /// Whoever looks sees the old file or the new one, never a half.
  public static func write(_ bytes: some Collection<UInt8>, to path: String) throws(FileError) {
    let temporary = "\(path).\(getpid()).partial"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: systemMessage()) }
    PartialFiles.add(temporary)
    defer { PartialFiles.remove(temporary) }
    var failure: String?
    let contiguous = ContiguousArray(bytes)
    contiguous.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else {
          failure = systemMessage()
          return
        }
        written += count
      }
    }
    if close(descriptor) != 0, failure == nil { failure = systemMessage() }
    if failure == nil, rename(temporary, path) != 0 { failure = systemMessage() }
    if let failure {
      unlink(temporary)
      throw .unwritable(path: path, reason: failure)
    }
  }

  /// Makes the folder at `path`, and those above it, where they are missing, and checks that it can be written to.
  public static func makeFolder(_ path: String) throws(FileError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
      guard mkdir(made, 0o755) == 0 || errno == EEXIST else {
        throw .unwritable(path: path, reason: systemMessage())
      }
    }
    var information = stat()
    guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
      throw .unwritable(path: path, reason: "a file of that name is in the way")
    }
    guard access(path, W_OK) == 0 else { throw .unwritable(path: path, reason: systemMessage()) }
  }

  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func systemMessage() -> String { String(cString: strerror(errno)) }
}

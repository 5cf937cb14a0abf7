import Files
import Glibc
import Hummingbird
import NIOCore
import Reports

/// What a request brings.
extension Studio {
  /// A body as a value.
  ///
  /// - Throws: `StudioFailure.tooLarge`, `DecodingError`.
  func value<Value: Decodable>(_ type: Value.Type, of request: Request) async throws -> Value {
    let limit = settings.limits.jsonBytes
    try checkLength(of: request, limit: limit, name: "the request")
    var bytes: [UInt8] = []
    for try await piece in request.body {
      guard bytes.count + piece.readableBytes <= limit else {
        throw StudioFailure.tooLarge("the request", limit: limit)
      }
      bytes += piece.readableBytesView
    }
    return try RecordCoding.read(type, from: bytes)
  }

  /// A body as a file in the folder for what comes in; whoever asked has to move or remove it.
  ///
  /// - Parameter name: what the visitor calls it.
  /// - Throws: `StudioFailure.tooLarge`, `.bad` for an empty one; `FileError` where the disk is full.
  func file(of request: Request, named name: String, limit: Int) async throws -> String {
    try checkLength(of: request, limit: limit, name: name)
    let path = store.path("incoming", StudioStore.newID())
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.failure(path) }
    do {
      defer { close(descriptor) }
      var count = 0
      for try await piece in request.body {
        count += piece.readableBytes
        guard count <= limit else { throw StudioFailure.tooLarge(name, limit: limit) }
        try piece.withUnsafeReadableBytes { bytes in
          var left = bytes[...]
          while !left.isEmpty {
            let written = write(descriptor, UnsafeRawBufferPointer(rebasing: left).baseAddress, left.count)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw Self.failure(path) }
            left = left.dropFirst(written)
          }
        }
      }
      guard count > 0 else { throw StudioFailure.bad("\(name) is empty") }
      return path
    } catch {
      unlink(path)
      throw error
    }
  }

  private func checkLength(of request: Request, limit: Int, name: String) throws(StudioFailure) {
    guard let length = request.headers[.contentLength].flatMap({ Int($0) }) else { return }
    guard length <= limit else { throw .tooLarge(name, limit: limit) }
  }

  private static func failure(_ path: String) -> StudioFailure {
    StudioFailure(.diskFull, "the sound cannot be kept: \(String(cString: strerror(errno)))")
  }

  /// A file's name as a visitor gave it, made fit to be shown: on one line, not endless, without folders.
  func shownName(_ request: Request, or usual: String) -> String {
    let given = request.query("name") ?? usual
    let last = given.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? usual
    return last.shownName ?? usual
  }
}

extension String {
  /// A name that a visitor gave, on one line and not endless; nil where nothing of it is left.
  var shownName: String? {
    let plain = String(
      unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.map { Character($0) }.prefix(200))
    return plain.isEmpty ? nil : plain
  }
}

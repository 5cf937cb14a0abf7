import Foundation
import Glibc

/// Plain HTTP/1.1 to a server on this machine, one connection a request: what tests ask servers with.
public struct LocalHTTP: Sendable {
  public let port: Int

  public init(port: Int) { self.port = port }

  public struct Response: Sendable {
    public let status: Int
    /// Names in lower case.
    public let headers: [String: String]
    public let body: [UInt8]

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON: dictionaries, lists, numbers and texts.
    public func json() throws -> [String: Any] {
      try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] ?? [:]
    }
  }

  public enum Failure: Error, CustomStringConvertible {
    case unreachable(port: Int)
    case silent(path: String, seconds: Double)
    case notHTTP(String)

    public var description: String {
      switch self {
      case .unreachable(let port): "nobody listens on port \(port)"
      case .silent(let path, let seconds): "no answer to \(path) within \(seconds) s"
      case .notHTTP(let text): "no HTTP: \(text)"
      }
    }
  }

  /// - Parameter headers: a `Host` of one's own replaces the usual one.
  public func send(
    _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8] = [],
    timeout: Double = 60
  ) throws -> Response {
    let socket = try connect()
    defer { close(socket) }
    try write(Self.head(method, path, port, headers, length: body.count) + body, to: socket)
    return try Self.parsed(try readAll(socket, path: path, timeout: timeout), method: method)
  }

  public func get(_ path: String, headers: [String: String] = [:]) throws -> Response {
    try send("GET", path, headers: headers)
  }

  public func post(_ path: String, json: Any) throws -> Response {
    let body = try JSONSerialization.data(withJSONObject: json)
    return try send("POST", path, headers: ["Content-Type": "application/json"], body: Array(body))
  }

  /// The first lines of a stream that goes on, until `isEnough` says so or the time is over.
  public func lines(_ path: String, timeout: Double = 30, until isEnough: ([String]) -> Bool) throws
    -> [String]
  {
    let socket = try connect()
    defer { close(socket) }
    try write(Self.head("GET", path, port, ["Accept": "text/event-stream"], length: 0), to: socket)
    var bytes: [UInt8] = []
    let end = Date().addingTimeInterval(timeout)
    while Date() < end {
      guard let piece = try Self.piece(socket, within: 1) else { continue }
      if piece.isEmpty { break }
      bytes += piece
      let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
      if isEnough(lines) { return lines }
    }
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
  }

  // MARK: - Sockets

  /// A connection; whoever asks closes it.
  public func connect() throws -> Int32 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else {
      close(socket)
      throw Failure.unreachable(port: port)
    }
    return socket
  }

  public static func head(
    _ method: String, _ path: String, _ port: Int, _ headers: [String: String], length: Int
  )
    -> [UInt8]
  {
    var fields = ["Host": "127.0.0.1:\(port)", "Connection": "close", "Content-Length": "\(length)"]
    for (name, value) in headers { fields[name] = value }
    let lines = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
    return Array("\(method) \(path) HTTP/1.1\r\n\(lines)\r\n".utf8)
  }

  /// A server that refuses early closes while it is written to: what it said can still be read.
  public func write(_ bytes: [UInt8], to socket: Int32) throws {
    var left = bytes[...]
    while !left.isEmpty {
      let count = left.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return }
      left = left.dropFirst(count)
    }
  }

  private func readAll(_ socket: Int32, path: String, timeout: Double) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let end = Date().addingTimeInterval(timeout)
    while true {
      guard Date() < end else { throw Failure.silent(path: path, seconds: timeout) }
      guard let piece = try Self.piece(socket, within: min(1, timeout)) else { continue }
      if piece.isEmpty || Self.isWhole(bytes + piece) { return bytes + piece }
      bytes += piece
    }
  }

  /// What has come; empty at the end, nil where nothing came in time.
  public static func piece(_ socket: Int32, within seconds: Double) throws -> [UInt8]? {
    var poll = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard Glibc.poll(&poll, 1, Int32(seconds * 1000)) > 0 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(socket, &buffer, buffer.count)
    return count > 0 ? Array(buffer[..<count]) : []
  }

  // MARK: - Parsing

  private static func headEnd(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    return (0...bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual([13, 10, 13, 10]) }.map { $0 + 4 }
  }

  private static func fields(_ head: some Sequence<UInt8>) -> (first: String, headers: [String: String]) {
    let lines = String(decoding: Array(head), as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      headers[line[..<colon].lowercased()] = String(value)
    }
    return (lines.first ?? "", headers)
  }

  private static func isWhole(_ bytes: [UInt8]) -> Bool {
    guard let end = headEnd(bytes) else { return false }
    let headers = fields(bytes[..<end]).headers
    guard let length = headers["content-length"].flatMap({ Int($0) }) else { return false }
    return bytes.count >= end + length
  }

  private static func parsed(_ bytes: [UInt8], method: String) throws -> Response {
    guard let end = headEnd(bytes) else {
      throw Failure.notHTTP(String(decoding: bytes.prefix(80), as: UTF8.self))
    }
    let (first, headers) = fields(bytes[..<end])
    let words = first.split(separator: " ")
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
      throw Failure.notHTTP(first)
    }
    var body = Array(bytes[end...])
    if headers["transfer-encoding"] == "chunked" { body = unchunked(body) }
    return Response(status: status, headers: headers, body: body)
  }

  private static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
    var (place, body) = (0, [UInt8]())
    while let line = bytes[place...].firstIndex(of: 13),
      let size = Int(String(decoding: bytes[place..<line], as: UTF8.self), radix: 16), size > 0,
      line + 2 + size <= bytes.count
    {
      body += bytes[line + 2..<line + 2 + size]
      place = min(bytes.count, line + 4 + size)
    }
    return body
  }
}

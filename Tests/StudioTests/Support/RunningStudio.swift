import Foundation
import Glibc
import TestSupport

/// The built command, serving: a studio of its own, in a folder of its own, on any free port.
final class RunningStudio: Sendable {
  let http: LocalHTTP
  let process: ChildProcess
  let folder: String
  /// As `serve` printed it.
  let address: String

  /// The binary that was built together with these tests.
  static let binary: String = {
    let beside = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("otoscope").path
    return access(beside, X_OK) == 0 ? beside : "\(root)/.build/release/otoscope"
  }()

  /// The checkout.
  static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

  static func sound(_ name: String) -> String { "\(root)/Data/sounds/\(name)" }

  /// - Parameters:
  ///   - folder: where an earlier studio kept its state; nil for a new one.
  ///   - arguments: beside the port and the folder.
  init(folder: String? = nil, _ arguments: [String] = []) throws {
    let folder = folder ?? NSTemporaryDirectory() + "studio-\(UUID().uuidString)"
    self.folder = folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    process = try ChildProcess(
      [Self.binary, "serve", "--port", "0", "--data", folder] + arguments, outputPath: folder + "/output.txt",
      // What it recommends is kept there, and not with the user's.
      setting: ["XDG_DATA_HOME": folder + "/user"])
    address = try process.wait(for: "address") { text in
      text.split(separator: "\n").first { $0.hasPrefix("http://") && text.contains("\n") }.map(String.init)
    }
    guard let port = URL(string: address)?.port else { throw ChildFailure("no port in \(address)") }
    http = LocalHTTP(port: port)
  }

  /// Takes the studio and all that it kept away.
  func remove() {
    process.end()
    try? FileManager.default.removeItem(atPath: folder)
  }

  // MARK: - What most tests begin with

  /// Brings a sound; returns the clip's id.
  func upload(_ bytes: [UInt8], as name: String) throws -> String {
    let answer = try http.send("POST", "/api/v1/clips?name=\(name)", body: bytes)
    guard let id = try answer.json()["id"] as? String else { throw ChildFailure("no clip: \(answer.text)") }
    return id
  }

  func upload(bundled name: String) throws -> String {
    try upload(Array(Data(contentsOf: URL(fileURLWithPath: Self.sound(name)))), as: name)
  }

  func json(_ path: String) throws -> [String: Any] { try http.get("/api/v1\(path)").json() }
}

/// A body of type `application/vnd.otoscope.pack`, read by its definition.
struct ReadPack {
  let facts: [String: Any]
  private let payload: [UInt8]

  init(_ bytes: [UInt8]) throws {
    guard bytes.count >= 4 else { throw ChildFailure("a pack of \(bytes.count) bytes") }
    let length = Int(bytes[0]) | Int(bytes[1]) << 8 | Int(bytes[2]) << 16 | Int(bytes[3]) << 24
    guard bytes.count >= 4 + length, (4 + length) % 8 == 0 else {
      throw ChildFailure("a header of \(length) bytes")
    }
    facts = try JSONSerialization.jsonObject(with: Data(bytes[4..<4 + length])) as? [String: Any] ?? [:]
    payload = Array(bytes[(4 + length)...])
  }

  private func place(_ name: String) throws -> (offset: Int, shape: [Int], type: String) {
    let all = facts["arrays"] as? [[String: Any]] ?? []
    guard let entry = all.first(where: { $0["name"] as? String == name }),
      let offset = entry["offset"] as? Int,
      let shape = entry["shape"] as? [Int], let type = entry["type"] as? String
    else { throw ChildFailure("no array '\(name)'") }
    return (offset, shape, type)
  }

  func shape(_ name: String) throws -> [Int] { try place(name).shape }

  func floats(_ name: String) throws -> [Float] {
    let (offset, shape, type) = try place(name)
    guard type == "float32" else { throw ChildFailure("'\(name)' is \(type)") }
    return payload.withUnsafeBytes { bytes in
      (0..<shape.reduce(1, *)).map { bytes.loadUnaligned(fromByteOffset: offset + 4 * $0, as: Float.self) }
    }
  }

  func bytes(_ name: String) throws -> [UInt8] {
    let (offset, shape, type) = try place(name)
    guard type == "uint8" else { throw ChildFailure("'\(name)' is \(type)") }
    return Array(payload[offset..<offset + shape.reduce(1, *)])
  }

  func samples(_ name: String) throws -> [Int16] {
    let (offset, shape, type) = try place(name)
    guard type == "int16" else { throw ChildFailure("'\(name)' is \(type)") }
    return payload.withUnsafeBytes { bytes in
      (0..<shape.reduce(1, *)).map { bytes.loadUnaligned(fromByteOffset: offset + 2 * $0, as: Int16.self) }
    }
  }
}

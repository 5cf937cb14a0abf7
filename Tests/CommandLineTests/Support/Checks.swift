import Files
import Foundation
import TestSupport
import Testing

/// Expects that a run failed as it should: with that status, and one line on standard error that says all of `parts`;
/// nothing on standard output.
func expectFailure(
  _ outcome: Otoscope.Outcome, status: Int32 = 1, saying parts: String...,
  at location: SourceLocation = #_sourceLocation
) {
  #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: location)
  #expect(outcome.output.isEmpty, "\(outcome.output)", sourceLocation: location)
  #expect(outcome.errorLines.count == 1, "\(outcome.errors)", sourceLocation: location)
  #expect(outcome.errors.hasPrefix("otoscope: "), "\(outcome.errors)", sourceLocation: location)
  for part in parts {
    #expect(outcome.errors.contains(part), "\(outcome.errors)", sourceLocation: location)
  }
}

/// Expects misuse: status 2, a first line that says all of `parts`, and where to find help.
func expectMisuse(
  _ outcome: Otoscope.Outcome, saying parts: String..., at location: SourceLocation = #_sourceLocation
) {
  #expect(outcome.status == 2, "\(outcome.errors)", sourceLocation: location)
  #expect(outcome.output.isEmpty, "\(outcome.output)", sourceLocation: location)
  #expect(outcome.errors.hasPrefix("Error: "), "\(outcome.errors)", sourceLocation: location)
  #expect(outcome.errors.contains("--help' for more information"), sourceLocation: location)
  for part in parts {
    #expect(outcome.errors.contains(part), "\(outcome.errors)", sourceLocation: location)
  }
}

/// Expects that a run went well and had nothing to complain about.
func expectSuccess(_ outcome: Otoscope.Outcome, at location: SourceLocation = #_sourceLocation) {
  #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: location)
  #expect(outcome.errors.isEmpty, "\(outcome.errors)", sourceLocation: location)
}

/// What one explanation leaves behind.
let explanationSuffixes = ["heard.wav", "ignored.wav", "npz", "png", "svg"]

/// The names of an explanation's files, sorted.
func explanationFiles(_ bases: String...) -> [String] {
  bases.flatMap { base in explanationSuffixes.map { "\(base).\($0)" } }.sorted()
}

/// A JSON text as a tree.
func json<Value: Decodable>(_ type: Value.Type, _ text: some StringProtocol) throws -> Value {
  try JSONDecoder().decode(type, from: Data(text.utf8))
}

/// What `classify --json` prints, as far as the tests look.
struct Classified: Decodable, Equatable {
  struct Class: Decodable, Equatable {
    var index: Int
    var label: String
    var probability: Double
  }
  var sound: String
  var start: Double?
  var seconds: Double
  var classes: [Class]
}

/// An entry of `report.json`.
struct Explained: Decodable {
  var sound: String
  var start: Double
  var seconds: Double
  var target: Classified.Class
  var method: String
  var layer: String?
  var files: [String]
}

struct ExplanationReport: Decodable {
  var otoscope: String
  var model: String
  var command: String
  var explanations: [Explained]

  init(of folder: String) throws {
    self = try json(Self.self, String(decoding: try WholeFile.read("\(folder)/report.json"), as: UTF8.self))
  }
}

/// Whether the bytes are a PNG: the signature, and chunks from `IHDR` to `IEND` with sound checksums and nothing behind.
func isPNG(_ bytes: [UInt8]) -> Bool {
  guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else { return false }
  func number(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
  var place = 8
  var kinds: [String] = []
  while place + 12 <= bytes.count {
    let length = number(place)
    guard place + 12 + length <= bytes.count else { return false }
    guard number(place + 8 + length) == Int(crc32(bytes[place + 4..<place + 8 + length])) else {
      return false
    }
    kinds.append(String(decoding: bytes[place + 4..<place + 8], as: UTF8.self))
    place += 12 + length
  }
  return place == bytes.count && kinds.first == "IHDR" && kinds.contains("IDAT") && kinds.last == "IEND"
}

/// The checksum of PNG and ZIP, bit by bit.
private func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  var sum: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    sum ^= UInt32(byte)
    for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
  return ~sum
}

import Reports
import Explain
import Files
import Glibc
import Models
import Tensors

import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder

/// Which method evaluations recommend, model by model: for `explain --method recommended`.
///
/// A small JSON file for each model, named by a hash of the model's file, in `$XDG_DATA_HOME/otoscope/recommendations`
/// (`~/.local/share/otoscope/recommendations`); those of bundled models come with them.
enum RecommendationStore {
  /// Keeps what was found; where there is no place to keep it, says so.
  static func keep(_ record: EvaluationRecord, for modelPath: String) throws {
    guard let folder = ownFolder else {
      Terminal.note("the recommendation was not kept for 'explain --method recommended': there is no HOME")
      return
    }
    let content = JSON.object([
      ("otoscope", .string(Product.version)), ("model", .string(record.model.name)),
      ("date", .string(record.date)),
      ("method", record.verdict.recommended.map { .string($0.name) } ?? .null),
      ("recommendation", .string(record.verdict.sentence)),
    ])
    do {
      _ = try WholeFile.makeFolder(folder)
      try WholeFile.write(
        Array((content.text + "\n").utf8), to: "\(folder)/\(try digest(of: modelPath)).json")
    } catch let error as FileError {
      Terminal.note("the recommendation was not kept for 'explain --method recommended': \(error)")
    }
  }

  /// The method recommended for a model.
  ///
  /// - Throws: `EvaluationError.noRecommendation`, `.noneRecommended`.
  static func method(for modelPath: String, named name: String) throws -> AttributionMethod {
    let file = "\(try digest(of: modelPath)).json"
    let folders = [ownFolder, BundledData.folder.map { "\($0)/recommendations" }].compactMap { $0 }
    guard let path = folders.map({ "\($0)/\(file)" }).first(where: WholeFile.exists) else {
      throw EvaluationError.noRecommendation(model: name)
    }
    let content = try RecommendationFile(json: WholeFile.read(path, limit: 1 << 16), from: path)
    guard let method = content.method else { throw EvaluationError.noneRecommended(model: name) }
    return try AttributionMethod(named: method)
  }

  private static var ownFolder: String? {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    let base = variable("XDG_DATA_HOME") ?? variable("HOME").map { "\($0)/.local/share" }
    return base.map { "\($0)/otoscope/recommendations" }
  }

  /// FNV-1a over the file's bytes, as 16 hexadecimal digits.
  private static func digest(of path: String) throws -> String {
    var hash = FNV1a()
    for byte in try WholeFile.read(path, limit: 1 << 34) { hash.add(UInt64(byte)) }
    let digits = String(hash.fingerprint, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// What such a file holds of interest.
private struct RecommendationFile: Decodable {
  let method: String?

  init(json: [UInt8], from path: String) throws {
    do { self = try JSONDecoder().decode(Self.self, from: Data(json)) } catch {
      throw Misuse("\(path): is not a recommendation; run 'otoscope evaluate' again or delete it")
    }
  }
}

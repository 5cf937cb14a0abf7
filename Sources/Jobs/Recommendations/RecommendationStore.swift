package import Explain
package import Files
import Glibc
import Models
import Reports
import Tensors

/// Which method evaluations recommend, model by model: for `recommended` among methods.
///
/// A small JSON file for each model, named by a hash of the model's file; those of bundled models come with them.
package struct RecommendationStore: Sendable {
  /// Where recommendations are kept; nil where there is no place.
  private let folder: String?
  /// Where those of bundled models lie.
  private let bundled: String?

  /// - Parameters:
  ///   - folder: nil for `$XDG_DATA_HOME/otoscope/recommendations` or `~/.local/share/otoscope/recommendations`.
  ///   - bundled: nil for what comes with Otoscope.
  package init(folder: String? = nil, bundled: String? = nil) {
    self.folder = folder ?? UserFolder.data("otoscope/recommendations")
    self.bundled = bundled ?? BundledData.folder.map { "\($0)/recommendations" }
  }

  /// What became of a recommendation.
  package enum Outcome: Sendable {
    case kept
    /// A better founded one stays.
    case outweighed(by: Recommendation)
    case notKept(reason: String)
  }

  /// Keeps a recommendation, unless it is weak and what is known rests on more.
  package func keep(_ new: Recommendation, for modelPath: String) throws -> Outcome {
    guard let folder else { return .notKept(reason: "there is no HOME") }
    let name = try fileName(for: modelPath)
    // What cannot be read is replaced.
    if let present = try? recommendation(in: name), !new.restsOn.mayReplace(present.restsOn) {
      return .outweighed(by: present)
    }
    do {
      try WholeFile.makeFolder(folder)
      try WholeFile.write(RecordCoding.file(new), to: "\(folder)/\(name)")
      return .kept
    } catch let error as FileError {
      return .notKept(reason: "\(error)")
    }
  }

  /// What is recommended for a model.
  ///
  /// - Throws: `RecommendationError.none`, `.unreadable`.
  package func recommendation(for modelPath: String, named name: String) throws -> Recommendation {
    guard let found = try recommendation(in: fileName(for: modelPath)) else {
      throw RecommendationError.none(model: name)
    }
    return found
  }

  /// The method that is recommended.
  ///
  /// - Throws: `RecommendationError.noMethod` where every method failed a check; `ExplainError.unknownMethod`.
  package static func method(of recommendation: Recommendation, named name: String) throws
    -> AttributionMethod
  {
    guard let method = recommendation.method else { throw RecommendationError.noMethod(model: name) }
    return try AttributionMethod(named: method)
  }

  private func recommendation(in file: String) throws -> Recommendation? {
    let paths = [folder, bundled].compactMap { $0.map { "\($0)/\(file)" } }
    guard let path = paths.first(where: WholeFile.exists) else { return nil }
    let bytes = try WholeFile.read(path, limit: 1 << 16)
    do { return try RecordCoding.read(Recommendation.self, from: bytes) } catch {
      throw RecommendationError.unreadable(path: path)
    }
  }

  // MARK: - Hashes

  /// The hash of a model's file, so that large ones are read once and not again until they change.
  private struct KnownHash: Codable {
    let path: String
    let identity: FileIdentity
    let digits: String
  }

  /// FNV-1a over the file's bytes, as 16 hexadecimal digits: not a `ContentHash`, which takes eight bytes at a time, so that
  /// what is kept already is found.
  private func fileName(for path: String) throws -> String {
    let list = folder.map { "\($0)/hashes.json" }
    let real = realPath(path)
    let identity = FileIdentity(of: real)
    var known: [KnownHash] = []
    if let list, WholeFile.exists(list), let bytes = try? WholeFile.read(list, limit: 1 << 20) {
      known = (try? RecordCoding.read([KnownHash].self, from: bytes)) ?? []
    }
    if let hash = known.first(where: { $0.path == real && $0.identity == identity }) {
      return "\(hash.digits).json"
    }
    var hash = FNV1a()
    for byte in try WholeFile.read(path, limit: 1 << 34) { hash.add(UInt64(byte)) }
    let digits = hash.fingerprint.hexadecimal
    if let list, let folder, let identity, Folder.exists(folder) {
      known.removeAll { $0.path == real }
      known = known.suffix(99) + [KnownHash(path: real, identity: identity, digits: digits)]
      // It only saves time.
      if let bytes = try? RecordCoding.file(known) { try? WholeFile.write(bytes, to: list) }
    }
    return "\(digits).json"
  }

  private func realPath(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}

/// What can be wrong with a recommendation.
package enum RecommendationError: RemediableError {
  case none(model: String)
  case noMethod(model: String)
  case unreadable(path: String)

  package var remedy: Remedy? {
    switch self {
    case .none(let model): .evaluate(model: model)
    case .noMethod: .nameMethod
    case .unreadable: nil
    }
  }

  package var description: String {
    switch self {
    case .none(let model): "no method is recommended for \(model) yet"
    case .noMethod(let model): "the evaluation of \(model) recommends no method, each failed a check"
    case .unreadable(let path): "\(path): is not a recommendation; evaluate the model again or delete it"
    }
  }
}

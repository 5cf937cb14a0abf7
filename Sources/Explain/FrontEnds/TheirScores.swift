import Files
import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder
public import Models
import Tensors

/// Scores that another program says a model gave a sound.
public enum TheirScores: Sendable, Hashable {
  /// Of all classes, a row a moment, or one row for the whole sound.
  case rows([[Float]])
  /// Of some classes, by index.
  case some([Int: Float])

  /// Scores in a file: `.npy`, `[classes]` or `[moments, classes]`; or JSON: a list, a list of lists, an object of labels and
  /// scores, `{"scores": …}` with one of these, or a line of `classify --json`.
  ///
  /// - Throws: `FrontEndCheckError`, `NumPyError`, `FileError`, `ModelError.unknownLabel`.
  public init(_ path: String, of model: AudioModel) throws {
    if path.hasSuffix(".json") || path.hasSuffix(".jsonl") {
      let bytes = try WholeFile.read(path, limit: 64 << 20)
      guard let json = try? JSONDecoder().decode(ScoresJSON.self, from: Data(bytes)) else {
        throw FrontEndCheckError.noScores(
          path: path, reason: "give a list of numbers, or an object of labels and numbers, as JSON")
      }
      self = try Self.scores(json, of: model)
    } else {
      self = try Self.scores(NumPy.read(path), path: path, of: model)
    }
    let numbers: [Float] =
      switch self {
      case .rows(let rows): rows.flatMap { $0 }
      case .some(let scores): Array(scores.values)
      }
    guard !numbers.isEmpty, numbers.allSatisfy(\.isFinite) else {
      throw FrontEndCheckError.noScores(
        path: path, reason: numbers.isEmpty ? "it is empty" : "a score is not a number or infinite")
    }
    if case .rows(let rows) = self, let wrong = rows.first(where: { $0.count != model.classCount }) {
      throw FrontEndCheckError.classes(path: path, count: wrong.count, classes: model.classCount)
    }
  }

  private static func scores(_ array: Tensor, path: String, of model: AudioModel) throws -> TheirScores {
    let classes = model.classCount
    guard array.count > 0, array.count % classes == 0, array.shape.dimensions.last == classes || classes == 1
    else {
      throw FrontEndCheckError.classes(
        path: path, count: array.shape.dimensions.last ?? 1, classes: classes)
    }
    let values = array.values
    return .rows(
      stride(from: 0, to: values.count, by: classes).map { Array(values[$0..<$0 + classes]) })
  }

  private static func scores(_ json: ScoresJSON, of model: AudioModel) throws -> TheirScores {
    switch json {
    case .list(let scores): return .rows([scores])
    case .lists(let rows): return .rows(rows)
    case .labels(let scores):
      var some: [Int: Float] = [:]
      for (label, score) in scores { some[try model.classIndex(of: label)] = score }
      return .some(some)
    case .classes(let classes):
      return .some(
        Dictionary(classes.map { ($0.index, $0.probability ?? $0.score ?? .nan) }) { first, _ in first })
    }
  }

  /// How far scores are from these: over the classes that are told, of the sound, or moment by moment where so many are told.
  func distance(_ scores: Tensor) -> CulpritSearch.Distance {
    let (moments, classes) = (scores.shape[0], scores.shape[1])
    let values = scores.values
    func mean(_ index: Int) -> Float {
      Float((0..<moments).reduce(0.0) { $0 + Double(values[$1 * classes + index]) } / Double(max(1, moments)))
    }
    var pairs: [(Float, Float)] = []
    var isAligned = true
    switch self {
    case .rows(let rows) where rows.count == 1:
      pairs = rows[0].indices.map { (mean($0), rows[0][$0]) }
    case .rows(let rows):
      isAligned = rows.count == moments
      for moment in 0..<min(rows.count, moments) {
        pairs += (0..<classes).map { (values[moment * classes + $0], rows[moment][$0]) }
      }
    case .some(let scores):
      pairs = scores.sorted { $0.key < $1.key }.compactMap { index, score in
        index >= 0 && index < classes ? (mean(index), score) : nil
      }
    }
    let differences = pairs.map { Double($0.0) - Double($0.1) }
    let theirs = pairs.map { Double($0.1) }
    let range = (theirs.max() ?? 0) - min(0, theirs.min() ?? 0)
    let largest = differences.map(\.magnitude).max() ?? .infinity
    let square = differences.reduce(0) { $0 + $1 * $1 } / Double(max(1, differences.count))
    func overRange(_ value: Double) -> Double { range > 0 ? value / range : value > 0 ? .infinity : 0 }
    return CulpritSearch.Distance(
      share: overRange(largest), typical: overRange(square.squareRoot()), isAligned: isAligned)
  }

  /// Whether all lie where probabilities do.
  var mayBeProbabilities: Bool {
    switch self {
    case .rows(let rows): rows.allSatisfy { $0.allSatisfy { (0...1).contains($0) } }
    case .some(let scores): scores.values.allSatisfy { (0...1).contains($0) }
    }
  }
}

/// The forms in which scores are written as JSON.
private enum ScoresJSON: Decodable {
  case list([Float])
  case lists([[Float]])
  case labels([String: Float])
  case classes([Entry])

  struct Entry: Decodable {
    let index: Int
    let probability: Float?
    let score: Float?
  }
  private enum Key: String, CodingKey { case scores, classes }

  init(from decoder: any Decoder) throws {
    if let object = try? decoder.container(keyedBy: Key.self) {
      if let scores = try? object.decode(ScoresJSON.self, forKey: .scores) {
        self = scores
        return
      }
      if let entries = try? object.decode([Entry].self, forKey: .classes) {
        self = .classes(entries)
        return
      }
    }
    let value = try decoder.singleValueContainer()
    if let scores = try? value.decode([Float].self) {
      self = .list(scores)
    } else if let rows = try? value.decode([[Float]].self) {
      self = .lists(rows)
    } else {
      self = .labels(try value.decode([String: Float].self))
    }
  }
}

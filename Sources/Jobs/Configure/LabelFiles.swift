import Explain
import Files
import Graphs

import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder

/// The names of a model's classes, where files beside it or its metadata list them.
struct LabelFiles {
  /// What was found, and where.
  struct Found {
    let labels: [String]
    let place: String
    /// Whether the place belongs to this model by its name.
    let isOwn: Bool
  }

  /// Lists of exactly `classes` names.
  static func find(for path: String, _ model: ONNXModel, classes: Int) -> Found? {
    for key in ["names", "labels", "classes", "id2label", "class_names"] {
      if let text = model.metadata[key], let labels = labels(ofObject: text), labels.count == classes {
        return Found(labels: labels, place: "the metadata '\(key)'", isOwn: true)
      }
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let name = Folder.name(of: path)
    let stem = name.hasSuffix(".onnx") ? String(name.dropLast(5)) : name
    let own = ["_labels.txt", ".labels.txt", "_labels.csv", ".labels.csv", "_class_map.csv", ".txt", ".csv"]
      .map {
        stem + $0
      }
    let shared = [
      "labels.txt", "labels.csv", "classes.txt", "class_map.csv", "class_labels_indices.csv", "config.json",
      "label_map.json", "labels.json",
    ]
    for (file, isOwn) in own.map({ ($0, true) }) + shared.map({ ($0, false) }) {
      guard WholeFile.exists(folder + file), let bytes = try? WholeFile.read(folder + file, limit: 16 << 20)
      else { continue }
      let text = String(decoding: bytes, as: UTF8.self)
      let labels =
        file.hasSuffix(".json")
        ? self.labels(ofObject: text) : self.labels(ofLines: text, isTable: file.hasSuffix(".csv"))
      if let labels, labels.count == classes {
        return Found(labels: labels, place: folder + file, isOwn: isOwn)
      }
    }
    return nil
  }

  /// A line a class; of a table the column whose title names the class, else its last.
  static func labels(ofLines text: String, isTable: Bool) -> [String]? {
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    guard isTable, let header = lines.first else { return lines }
    let titles = Self.cells(header).map { $0.lowercased() }
    guard
      let column = titles.firstIndex(where: {
        ["display_name", "name", "label", "class", "class_name"].contains($0)
      })
    else { return lines.map { Self.cells($0).last ?? $0 } }
    return lines.dropFirst().map { line in
      let cells = Self.cells(line)
      return cells.indices.contains(column) ? cells[column] : line
    }
  }

  /// The cells of a line, quotes taken off.
  private static func cells(_ line: String) -> [String] {
    var cells = [""]
    var isQuoted = false
    for character in line {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == ",", !isQuoted {
        cells.append("")
      } else {
        cells[cells.count - 1].append(character)
      }
    }
    return cells
  }

  /// A list of names, an object of names by number, or one with such an object as `id2label`.
  static func labels(ofObject text: String) -> [String]? {
    // Some exporters write Python's own form.
    let texts = [text, text.replacing("'", with: "\"")]
    for text in texts {
      guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else { continue }
      if let labels = labels(of: value) { return labels }
      // {0: 'a'}: numbers without quotes.
    }
    return pythonDictionary(text)
  }

  private static func labels(of value: JSONValue) -> [String]? {
    switch value {
    case .list(let list):
      let names = list.compactMap { if case .text(let name) = $0 { name } else { nil } }
      return names.count == list.count && !names.isEmpty ? names : nil
    case .object(let object):
      if let inner = object["id2label"] ?? object["labels"] { return labels(of: inner) }
      var names = [String?](repeating: nil, count: object.count)
      for (key, value) in object {
        guard let index = Int(key), names.indices.contains(index), case .text(let name) = value else {
          return nil
        }
        names[index] = name
      }
      return names.isEmpty ? nil : names.compactMap { $0 }
    default: return nil
    }
  }

  /// `{0: 'dog', 1: 'cat'}`
  private static func pythonDictionary(_ text: String) -> [String]? {
    let pairs = text.split { "{},".contains($0) }.map { part in
      part.split(separator: ":", maxSplits: 1).map { cell in
        cell.trimmingQuotes
      }
    }
    var names = [String?](repeating: nil, count: pairs.count)
    for pair in pairs {
      guard pair.count == 2, let index = Int(pair[0]), names.indices.contains(index) else { return nil }
      names[index] = pair[1]
    }
    let all = names.compactMap { $0 }
    return all.isEmpty || all.count < names.count ? nil : all
  }
}

extension Substring {
  /// Without the spaces and quotes around it.
  fileprivate var trimmingQuotes: String {
    let inside = drop { " '\"".contains($0) }
    return String(inside.reversed().drop { " '\"".contains($0) }.reversed())
  }
}

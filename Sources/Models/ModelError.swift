/// What can keep a network from being one that listens.
public enum ModelError: Error, CustomStringConvertible {
  /// Neither a bundled name nor a file.
  case unknownModel(String, bundled: [String])
  /// Nothing says how sound becomes this network's input.
  case unknownFrontEnd(path: String, input: String, presets: [String])
  /// What a sidecar or the metadata says cannot be understood.
  case badDescription(where: String, reason: String)
  /// The front end makes pictures that the network's input does not take.
  case frontEndMismatch(path: String, input: String, picture: String)
  case labels(path: String, labels: Int, classes: Int)
  /// No class of that name; `nearest` is empty where the classes have no names at all.
  case unknownLabel(String, nearest: [String])
  case noSuchClass(Int, classes: Int)

  public var description: String {
    switch self {
    case .unknownModel(let name, let bundled):
      "\(name): no such model; give the path of an ONNX file or a bundled name (\(bundled.joined(separator: ", ")))"
    case .unknownFrontEnd(let path, let input, let presets):
      "\(path): how sound becomes its input '\(input)' is not known; write it into \(sidecarPath(of: path)), for "
        + "example {\"front_end\": {\"preset\": \"\(presets.first ?? "yamnet")\"}, \"labels\": [\"siren\", \"dog\"]} "
        + "(presets: \(presets.joined(separator: ", ")); every key of one can be changed: see docs/front-ends.md)"
    case .badDescription(let place, let reason): "\(place): \(reason)"
    case .frontEndMismatch(let path, let input, let picture):
      "\(path): its input is \(input), but the front end makes patches of \(picture); correct 'patch', 'mel' or 'axes' in "
        + sidecarPath(of: path)
    case .labels(let path, let labels, let classes):
      "\(path): has \(classes) classes and \(labels) labels; correct 'labels' in \(sidecarPath(of: path))"
    case .unknownLabel(let label, nearest: []):
      "no class is called '\(label)', for nothing names the model's classes; give an index, or write 'labels' into the "
        + "JSON file beside the model"
    case .unknownLabel(let label, let nearest):
      "no class is called '\(label)'; nearest: \(nearest.map { "'\($0)'" }.joined(separator: ", "))"
    case .noSuchClass(let index, let classes): "there is no class \(index); choose 0 to \(classes - 1)"
    }
  }
}

/// Where the description of the model at `path` is looked for: `net.onnx` has `net.json` beside it.
package func sidecarPath(of path: String) -> String {
  (path.hasSuffix(".onnx") ? String(path.dropLast(5)) : path) + ".json"
}

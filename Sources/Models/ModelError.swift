public import Files
public import Graphs

/// What can keep a network from being one that listens.
public enum ModelError: RemediableError {
  /// Neither a bundled name nor a file.
  case unknownModel(String, bundled: [String])
  /// Nothing says how sound becomes this network's input.
  case unknownFrontEnd(path: String, input: String, presets: [String])
  /// What a sidecar or the metadata says cannot be understood.
  case badDescription(where: String, reason: String)
  /// The front end makes pictures that the network's input does not take.
  case frontEndMismatch(path: String, input: String, picture: String)
  /// A tensor that was named as the picture of the sound and is none.
  case noPicture(path: String, tensor: TensorName, shape: String)
  /// A sound of another number of channels than a network takes.
  case channels(path: String, expected: Int, got: Int)
  case labels(path: String, labels: Int, classes: Int)
  /// Patches that the network cannot be given.
  case cutting(path: String, String)
  /// Another number of inputs than the one that a picture of sound goes into.
  case inputs(path: String, [TensorName])
  /// No class of that name; `nearest` is empty where the classes have no names at all.
  case unknownLabel(String, nearest: [String])
  case noSuchClass(Int, classes: Int)
  /// Nothing tells which of several results holds the classes; each with its shape for one row.
  case severalOutputs(path: String, outputs: [(name: TensorName, shape: String)])
  /// Nothing tells what runs along the axes of a result's rows.
  case outputAxes(path: String, tensor: TensorName, row: [Int], labels: Int)
  /// Probabilities are needed, and nothing tells whether the model's scores are any.
  case unknownActivation(path: String, lowest: Float, highest: Float)
  /// Probabilities are needed, and the model's scores are none.
  case noProbabilities(path: String, lowest: Float, highest: Float)

  public var remedy: Remedy? {
    switch self {
    case .severalOutputs(let path, let outputs):
      .nameOutput(example: outputs.last?.name ?? "scores", description: sidecarPath(of: path))
    case .outputAxes(let path, let tensor, _, _):
      .nameAxes(output: tensor, description: sidecarPath(of: path))
    case .unknownFrontEnd(let path, _, _), .frontEndMismatch(let path, _, _): .configure(model: path)
    case .unknownActivation(let path, _, _), .noProbabilities(let path, _, _):
      .nameActivation(description: sidecarPath(of: path))
    default: nil
    }
  }

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
    case .noPicture(let path, let tensor, let shape):
      "\(path): its tensor '\(tensor)' \(shape) is no picture of the sound: clicks do not move along one of its axes and "
        + "sines along another; name another one as 'picture' in \(sidecarPath(of: path)), or write \"none\""
    case .channels(let path, let expected, let got):
      "\(path): listens to \(expected) channels, and the sound has \(got); give one of \(expected), or of one, which is then "
        + "heard on all"
    case .cutting(let path, let reason): "\(path): \(reason)"
    case .inputs(let path, let names):
      "\(path): has \(names.count) inputs (\(names.joined(separator: ", "))), and one of them can take a picture of sound; say "
        + "what the others are in \(sidecarPath(of: path)): {\"inputs\": {\"sr\": 16000}} for known values, {\"state\": "
        + "{\"stateN\": \"state\"}} for a result that is the next step's input"
    case .labels(let path, let labels, let classes):
      "\(path): has \(classes) classes and \(labels) labels; correct 'labels' in \(sidecarPath(of: path))"
    case .unknownLabel(let label, nearest: []):
      "no class is called '\(label)', for nothing names the model's classes; give an index, or write 'labels' into the "
        + "JSON file beside the model"
    case .unknownLabel(let label, let nearest):
      "no class is called '\(label)'; nearest: \(nearest.map { "'\($0)'" }.joined(separator: ", "))"
    case .noSuchClass(let index, let classes): "there is no class \(index); choose 0 to \(classes - 1)"
    case .severalOutputs(let path, let outputs):
      "\(path): has \(outputs.count) outputs, and nothing tells which of them holds the classes: "
        + outputs.map { "'\($0.name)' \($0.shape)" }.joined(separator: ", ")
    case .outputAxes(let path, let tensor, let row, let labels):
      "\(path): a row of its output '\(tensor)' is \(row.map(String.init).joined(separator: " x ")), and nothing tells "
        + "which axis is which\(labels > 0 ? " (there are \(labels) labels)" : "")"
    case .unknownActivation(let path, let lowest, let highest):
      "\(path): whether its scores, here from \(lowest) to \(highest), are probabilities is not known"
    case .noProbabilities(let path, let lowest, let highest):
      "\(path): its scores are reported as they are (activation \"none\"), here from \(lowest) to \(highest), and are no "
        + "probabilities, which this needs"
    }
  }
}

/// Where the description of the model at `path` is looked for: `net.onnx` has `net.json` beside it.
package func sidecarPath(of path: String) -> String {
  (path.hasSuffix(".onnx") ? String(path.dropLast(5)) : path) + ".json"
}

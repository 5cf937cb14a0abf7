public import Files
public import Tensors

/// What can keep an ONNX file from being changed, built or written.
public enum ONNXFileError: RemediableError {
  /// More bytes than protobuf holds.
  case tooLarge(path: String, bytes: Int)
  /// No weight of that name is stored in the file.
  case noWeight(TensorName, nearest: [TensorName])
  /// New values of another shape than the weight's.
  case weightShape(TensorName, expected: Shape, got: Shape)
  /// A weight of whole numbers or of an element type that is not written.
  case weightType(TensorName, elementType: Int)
  /// A value that the weight's element type cannot hold.
  case weightRange(TensorName, value: Float)
  /// No node of the file makes such a tensor.
  case noTensor(TensorName, nearest: [TensorName])
  /// A tensor at which the network cannot be cut.
  case cut(TensorName, reason: String)
  /// A layer whose window is larger than what it looks at, both for one row without channels.
  case tooSmall(layer: String, window: [Int], extents: [Int])

  public var description: String {
    switch self {
    case .tooLarge(let path, let bytes):
      "\(path): takes \(bytes) bytes or more, and an ONNX file holds at most \(ONNXFile.mostBytes); choose a smaller "
        + "network"
    case .noWeight(let name, let nearest):
      "no weight is called '\(name)'" + Self.suggestion(nearest)
    case .weightShape(let name, let expected, let got):
      "weight '\(name)' has the shape \(expected), its new values have \(got)"
    case .weightType(let name, let type):
      "weight '\(name)' has the element type \(type), which is not written; only weights of float32, float64, float16 "
        + "and bfloat16 are"
    case .weightRange(let name, let value):
      "weight '\(name)' would be \(value), which its element type cannot hold"
    case .noTensor(let name, let nearest):
      "no node of the file makes a tensor '\(name)'" + Self.suggestion(nearest)
        + "; 'otoscope inspect MODEL' lists all"
    case .cut(let name, let reason): "the network cannot be cut at '\(name)': \(reason)"
    case .tooSmall(let layer, let window, let extents):
      "layer '\(layer)' has a window of \(Self.shown(window)), but only \(Self.shown(extents)) are left of a patch; give "
        + "longer patches or more bands"
    }
  }

  private static func shown(_ extents: [Int]) -> String { extents.map(String.init).joined(separator: " x ") }

  private static func suggestion(_ nearest: [TensorName]) -> String {
    nearest.isEmpty ? "" : "; nearest: \(nearest.map { "'\($0)'" }.joined(separator: ", "))"
  }
}

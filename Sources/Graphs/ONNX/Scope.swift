import SwiftProtobuf
import Tensors

/// What the names inside the body of an `If` or a `Loop` are called in the graph.
struct Scope {
  /// Put in front of every name that the body defines; empty in the graph itself.
  var prefix = ""
  var renamed: [TensorName: TensorName] = [:]
  /// Of a function's body, which may have an opset of its own.
  var opset: Int?
  /// How many functions call each other here.
  var calls = 0

  /// What `name` of the file is called in the graph.
  func graphName(_ name: TensorName) -> TensorName {
    // A function sees nothing but its own.
    renamed[name] ?? (calls > 0 && !name.isEmpty ? prefix + name : name)
  }

  /// The scope of a body inside this one: it sees all names around it, and its own are told apart by `prefix`.
  func entering(_ body: Onnx_GraphProto, as prefix: String) -> Scope {
    var inner = self
    inner.prefix = prefix
    for name in body.definitions { inner.renamed[name] = prefix + name }
    return inner
  }
}

import Glibc
import Graphs
import Tensors
import TestSupport
import Testing

/// Operators that a file defines itself, and what ONNX Runtime's optimiser and quantiser make of networks. The files:
/// `Golden/optimised.py`.
struct FunctionTests {
  private static let folder =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
    + "/Golden/"

  @Test("functions that call each other, with attributes given and left out")
  func functions() throws {
    let graph = try ONNXModel(contentsOf: Self.folder + "functions.onnx").graph
    let network = Network(graph, threads: 1)
    let x = Tensor([1, 3], [0.1, -0.2, 0.05])
    let y = try network.values(of: ["y"], at: ["x": x])[0]
    // x · 3 · 2 + x · 3
    let expected = x.values.map { tanh(9 * Double($0)) }
    #expect(zip(y.values, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    let slope = try network.gradients(
      of: "y", seed: Tensor([1, 3], repeating: 1), withRespectTo: ["x"], at: ["x": x]
    ).gradients[0]
    #expect(zip(slope.values, expected).allSatisfy { abs(Double($0) - 9 * (1 - $1 * $1)) < 1e-5 })
  }

  @Test("a function that calls itself is an error")
  func recursion() {
    var file = ProtobufWriter()
    file.integer(1, 9)
    func call(_ node: inout ProtobufWriter, _ input: String, _ output: String) {
      node.string(1, input)
      node.string(2, output)
      node.string(4, "Again")
      node.string(7, "own")
    }
    var toy = ToyNetwork([1, 2])
    toy.outputs = ["y"]
    file.message(7) { graph in
      graph.message(1) { call(&$0, "x", "y") }
      toy.write(to: &graph)
    }
    file.message(8) { $0.integer(2, 17) }
    file.message(25) { function in
      function.string(1, "Again")
      function.string(4, "a")
      function.string(5, "b")
      function.message(7) { call(&$0, "a", "b") }
      function.string(10, "own")
    }
    do {
      _ = try ONNXModel(file.bytes, from: "toy.onnx")
      Issue.record("no error")
    } catch { #expect("\(error)".contains("functions call each other more than 32 deep")) }
  }

  @Test(
    "quantised networks give ONNX Runtime's results",
    arguments: ["tcn.dynamo", "crnn-lstm.dynamo", "mobile", "siamese.dynamo"])
  func quantized(_ name: String) throws {
    let graph = try ONNXModel(contentsOf: Self.folder + name + ".quantized.onnx").graph
    let arrays = try NumPy.readArchive(Self.folder + "quantized.npz").dictionary
    let inputs = Dictionary(
      uniqueKeysWithValues: try graph.inputs.map { input in
        (input.name, try #require(arrays["\(name)/\(input.name)"]))
      })
    let expected = try #require(arrays["\(name)/result"])
    let network = Network(graph, threads: 1)
    let value = try network.values(of: [graph.outputs[0]], at: inputs)[0]
    // Where two computations round to different sides of a half, a number of 8 bits differs by its last: 1/255 of a range,
    // a few times on the way. Of a recurrent layer, ONNX Runtime also rounds the states.
    #expect(relativeError(value, expected) < 2e-2)
    let seed = Tensor(expected.shape, repeating: 1)
    let gradients = try network.gradients(
      of: graph.outputs[0], seed: seed, withRespectTo: graph.inputs.map(\.name), at: inputs
    ).gradients
    #expect(gradients.allSatisfy { $0.values.contains { $0 != 0 } && $0.values.allSatisfy(\.isFinite) })
  }

  @Test("domains that are not read: what is missing, and what to do")
  func domains() {
    func message(_ domain: String, _ kind: String) -> String {
      var file = ProtobufWriter()
      file.integer(1, 9)
      var toy = ToyNetwork([1, 2])
      toy.outputs = ["y"]
      file.message(7) { graph in
        graph.message(1) { node in
          node.string(1, "x")
          node.string(2, "y")
          node.string(4, kind)
          node.string(7, domain)
        }
        toy.write(to: &graph)
      }
      file.message(8) { $0.integer(2, 17) }
      do {
        _ = try ONNXModel(file.bytes, from: "toy.onnx")
        return ""
      } catch { return "\(error)" }
    }
    let start = "toy.onnx: uses operators that Otoscope does not know: "
    #expect(message("ai.onnx", "Relu") == "")
    #expect(message("com.microsoft", "Gelu") == "")
    #expect(message("com.microsoft", "BeamSearch") == start + "com.microsoft.BeamSearch ('y')")
    #expect(message("own", "Magic") == start + "own.Magic ('y')")
    #expect(
      message("com.microsoft.nchwc", "Conv") == start
        + "com.microsoft.nchwc.Conv ('y'); ONNX Runtime optimised this file for one processor; give the original, or "
        + "optimise it to the level ORT_ENABLE_EXTENDED")
    #expect(
      message("org.pytorch.aten", "ATen") == start
        + "org.pytorch.aten.ATen ('y'); export the model again, without falling back to ATen")
  }
}

import Files
import Glibc
import Graphs
import Tensors
import TestSupport
import Testing

/// Gradients of all weights of networks in training, as PyTorch's exporter writes them, against PyTorch in double
/// precision. The files: `Benchmarks/training.py make Tests/GraphsTests/Golden --small`.
struct TrainingGoldenTests {
  private static let golden =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
    + "/Golden"

  private typealias Arrays = [TensorName: Tensor]

  /// The arrays known of a network, and those computed here: `y`, and `gradient:NAME` for each of theirs.
  private func compute(_ name: String, in folder: String) throws -> (known: Arrays, computed: Arrays) {
    let known = try NumPy.readArchive("\(folder)/\(name).npz").dictionary
    let names = known.keys.filter { $0.hasPrefix("gradient:") }.map { String($0.dropFirst(9)) }.sorted()
    let graph = try ONNXModel(contentsOf: "\(folder)/\(name).onnx").graph
    let training = try graph.training(parameters: names.filter { $0 != "x" })
    let network = Evaluator(training.graph, threads: 2)
    let results = try network.gradients(
      of: graph.outputs[0], seed: try #require(known["seed"]), withRespectTo: names,
      alongside: [graph.outputs[0]],
      at: training.initialValues.merging(["x": try #require(known["x"])]) { $1 })
    var computed = Dictionary(uniqueKeysWithValues: zip(names.map { "gradient:\($0)" }, results.gradients))
    computed["y"] = results.values[0]
    return (known, computed)
  }

  private func norm(_ tensor: Tensor) -> Double {
    tensor.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  /// Against double precision, through the statistics of batches, and no further from it than PyTorch in float32 is, but
  /// for the order of sums. A bias before a normalization has no gradient but rounding, ours and PyTorch's.
  @Test("gradients of all weights in training", arguments: ["training-residual", "training-crnn"])
  func gradients(_ name: String) throws {
    let (known, computed) = try compute(name, in: Self.golden)
    #expect(computed.count > 10)
    for (key, ours) in computed {
      let theirs = try #require(known[key])
      let name = key == "y" ? key : String(key.dropFirst("gradient:".count))
      let peer = try #require(known["distance:\(name)"]?.values.first)
      #expect(ours.shape == theirs.shape)
      let difference = zip(ours.values, theirs.values).reduce(0) {
        $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
      }
      let allowed = Rounding.allowed(peer: Double(peer), size: norm(theirs))
      #expect(difference.squareRoot() < allowed, "\(key)")
    }
  }

  /// Full sizes, for `Benchmarks/training.py compare`.
  @Test("gradients of the networks in OTOSCOPE_TRAINING", .enabled(if: getenv("OTOSCOPE_TRAINING") != nil))
  func others() throws {
    let folder = String(cString: try #require(getenv("OTOSCOPE_TRAINING")))
    for name in ["resnet18", "resnet18-smooth", "crnn"] where WholeFile.exists("\(folder)/\(name).onnx") {
      let computed = try compute(name, in: folder).computed
      try NumPy.writeArchive(
        computed.map { ($0.key, $0.value) }, to: "\(folder)/\(name).ours.npz", compressed: false)
    }
  }
}

import Files
import Graphs
import Tensors
import TestSupport
import Testing

/// Whole networks against ONNX Runtime, PyTorch and Captum; the files and what is in them: `Golden/make.py`.
struct GoldenTests {
  private static let names = ["mobile", "musicnn", "residual"]

  private func load(_ name: String) throws -> (
    network: Network, arrays: [String: Tensor], x: [String: Tensor]
  ) {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    let model = try ONNXModel(contentsOf: "\(folder)/Golden/\(name).onnx")
    let arrays = try NumPy.readArchive("\(folder)/Golden/\(name).npz").dictionary
    return (Network(model.graph, threads: 2), arrays, ["x": try #require(arrays["x"])])
  }

  @Test("values are ONNX Runtime's", arguments: names)
  func values(_ name: String) throws {
    let (network, arrays, x) = try load(name)
    let wanted = ["probabilities", "logits", "inner value"]
    for (name, value) in zip(wanted, try network.values(of: wanted, at: x)) {
      let golden = try #require(arrays[name])
      // Two float32 implementations that sum in different orders, a few layers deep.
      #expect(distance(value, Values(golden)) < 1e-5, "\(name)")
    }
    #expect(
      try network.revealingLogits(of: "probabilities", at: x.mapValues(\.shape)).logits == "logits")
  }

  @Test(
    "gradients are PyTorch's, and Captum's where the rectifiers' are replaced", arguments: names,
    ["saliency", "guided", "deconvolution"])
  func gradients(_ name: String, method: String) throws {
    let (network, arrays, x) = try load(name)
    let rule: GradientRule =
      switch method {
      case "guided": .guided
      case "deconvolution": .deconvolution
      default: .standard
      }
    let wanted = method == "saliency" ? ["x", "inner"] : ["x"]
    let gradients = try network.gradients(
      of: "logits", seed: try network.firstLogit(at: x), withRespectTo: wanted, rule: rule, at: x
    ).gradients
    for (name, gradient) in zip([method, "inner"], gradients) {
      // Forward and backward through a dozen layers; single places may cancel, the whole does not.
      #expect(relativeError(gradient, try #require(arrays[name])) < 1e-4, "\(name)")
    }
  }
}

extension Network {
  /// A seed with a one for logit 1 of each row.
  fileprivate func firstLogit(at x: [String: Tensor]) throws -> Tensor {
    var seed = Tensor(try shape(of: "logits", at: x.mapValues(\.shape)))
    for row in 0..<seed.shape[0] { seed[row, 1] = 1 }
    return seed
  }
}

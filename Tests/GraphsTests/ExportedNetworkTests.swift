import Files
import Graphs
import Tensors
import TestSupport
import Testing

/// Narrow versions of the networks people use for audio, as exporters write them, against PyTorch and TensorFlow in
/// values and gradients; the files: `Golden/networks.py`.
struct ExportedNetworkTests {
  private static let byBothExporters = [
    "cnn14", "attention-tagger", "unet-bilinear", "tcn", "mel-inside", "wav2vec", "conv-tasnet", "crnn-gru",
    "crnn-lstm", "ast", "conformer", "whisper", "ecapa",
  ]
  private static let byTheLaterOne = [
    "mobilenet-v3-small", "unet-transposed", "siamese", "stft-inside", "demucs", "swin",
  ]
  /// Rewritten by ONNX Runtime's optimiser: `Golden/optimised.py`.
  private static let optimised = [
    "whisper.dynamo", "tcn.torchscript", "crnn-gru.dynamo", "stft-inside.dynamo", "conv-tasnet.dynamo",
  ]
  private static let byKeras = ["crnn-gru", "crnn-lstm", "separable", "attentive", "unet"]

  /// A network as an exporter wrote it, and where its arrays are.
  struct File: Sendable, CustomTestStringConvertible {
    var model: String
    var arrays: String
    var testDescription: String { model }
  }

  private static let files =
    byBothExporters.flatMap { name in
      ["torchscript", "dynamo"].map { File(model: "\(name).\($0)", arrays: name) }
    } + byTheLaterOne.map { File(model: "\($0).dynamo", arrays: $0) }
    + byKeras.map { File(model: "\($0).keras", arrays: "\($0).keras") }
    + optimised.map { File(model: "\($0).ort", arrays: String($0.prefix { $0 != "." })) }

  /// A network, and what is known of it.
  private struct Golden {
    let network: Network
    let inputs: [TensorName: Tensor]
    let value: Tensor
    let gradient: Tensor
    /// The element of each row of the value whose gradient it is.
    let element: Int

    init(_ file: File) throws {
      let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
        separator: "/")
      network = Network(try ONNXModel(contentsOf: "\(folder)/Golden/\(file.model).onnx").graph, threads: 2)
      let arrays = try NumPy.readArchive("\(folder)/Golden/\(file.arrays).npz").dictionary
      inputs = arrays.filter { $0.key.hasPrefix("x") }
      value = try #require(arrays["y"])
      gradient = try #require(arrays["gradient"])
      element = Int(try #require(arrays["element"]).values[0])
    }

    func rows(_ range: Range<Int>) -> [TensorName: Tensor] { inputs.mapValues { $0.rows(range) } }
  }

  /// Float32 against double precision through some dozens of layers, divided by spreads on the way.
  private static let tolerance = 1e-4

  @Test("values, of two rows and of one", arguments: files)
  func values(_ file: File) throws {
    let golden = try Golden(file)
    let output = golden.network.graph.outputs[0]
    for range in [0..<2, 1..<2] {
      let value = try golden.network.values(of: [output], at: golden.rows(range))[0]
      #expect(distance(value, Values(golden.value.rows(range))) < Self.tolerance)
    }
  }

  @Test("gradients, of two rows and of one", arguments: files)
  func gradients(_ file: File) throws {
    let golden = try Golden(file)
    let (output, input) = (golden.network.graph.outputs[0], golden.network.graph.inputs[0].name)
    for range in [0..<2, 1..<2] {
      let value = golden.value.rows(range)
      var seed = Tensor(value.shape)
      let width = value.count / range.count
      seed.withUnsafeMutableValues { values in
        for row in 0..<range.count { values[row * width + golden.element] = 1 }
      }
      let gradients = try golden.network.gradients(
        of: output, seed: seed, withRespectTo: [input], at: golden.rows(range)
      ).gradients
      #expect(relativeError(gradients[0], golden.gradient.rows(range)) < Self.tolerance)
    }
  }
}

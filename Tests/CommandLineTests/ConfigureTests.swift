import Files
import TestSupport
import Testing

/// `configure`: what it proposes, keeps and asks.
@Suite("configure")
struct ConfigureTests {
  private struct Told: Decodable {
    struct Key: Decodable {
      var key: String
      var certainty: String
      var reason: String
    }
    struct Heard: Decodable { var label: String }
    var keys: [Key]
    var questions: [String]
    var classes: [Heard]

    func certainty(of key: String) -> String? { keys.first { $0.key == key }?.certainty }
  }

  /// A convolution of a second of samples, and two classes.
  private func samples(length: Int) -> TinyNetwork {
    TinyNetwork(
      nodes: [
        TinyNetwork.Node(
          kind: "Conv", name: "conv_node", inputs: ["wave", "kernel"], outputs: ["conv"],
          integers: [("strides", [8])]),
        TinyNetwork.Node(kind: "Relu", name: "relu_node", inputs: ["conv"], outputs: ["relu"]),
        TinyNetwork.Node(kind: "GlobalAveragePool", name: "pool_node", inputs: ["relu"], outputs: ["pool"]),
        TinyNetwork.Node(kind: "Flatten", name: "flat_node", inputs: ["pool"], outputs: ["logits"]),
      ],
      inputs: [("wave", [0, 1, length])], outputs: ["logits"],
      weights: [("kernel", [2, 1, 16], (0..<32).map { Float($0 * 7 % 11) / 11 - 0.4 })])
  }

  @Test("A network on samples: rate and length, labels beside it; written, it classifies and explains")
  func samples() throws {
    try withScratchFolder { folder in
      try samples(length: 16000).write(to: "\(folder)/net.onnx")
      try WholeFile.write(Array("chirp\nnoise\n".utf8), to: "\(folder)/net_labels.txt")
      try writeChirp("\(folder)/a.wav")
      let unknown = try Otoscope.run("classify", "a.wav", "--model", "net.onnx", in: folder)
      #expect(
        unknown.status == 1 && unknown.errors.contains("otoscope configure net.onnx"), "\(unknown.errors)")

      let asked = try Otoscope.run("configure", "net.onnx", "--sound", "a.wav", "--json", in: folder)
      expectSuccess(asked)
      let told = try json(Told.self, asked.output)
      #expect(told.certainty(of: "front_end") == "likely" && told.certainty(of: "labels") == "known")
      #expect(told.certainty(of: "activation") == "guess")
      #expect(Set(told.classes.map(\.label)) == ["chirp", "noise"])
      #expect(!WholeFile.exists("\(folder)/net.json"))

      let written = try Otoscope.run("configure", "net.onnx", "--sound", "a.wav", "--write", in: folder)
      #expect(written.status == 0 && written.errors.contains("written: net.json"), "\(written.errors)")
      expectSuccess(try Otoscope.run("classify", "a.wav", "--model", "net.onnx", in: folder))
      let explained = try Otoscope.run(
        "explain", "a.wav", "--model", "net.onnx", "--method", "saliency,occlusion,grad-cam", "--output",
        "out",
        in: folder)
      expectSuccess(explained)
      // Without a picture sounds are explained on the STFT.
      #expect(names(in: "\(folder)/out").contains { $0.contains(".stft.") })
      let again = try json(Told.self, try Otoscope.run("configure", "net.onnx", "--json", in: folder).output)
      #expect(again.certainty(of: "front_end") == "described" && again.certainty(of: "labels") == "described")
    }
  }

  @Test("What cannot be told is asked for, and the run fails")
  func open() throws {
    try withScratchFolder { folder in
      var network = TinyNetwork.listener
      network.inputs = [("log_mel", [0, 5, 33, 7])]
      network.weights = [("kernel", [2, 5, 2, 2], [Float](repeating: 0.1, count: 40))]
      network.nodes[0].integers = [("kernel_shape", [2, 2])]
      try network.write(to: "\(folder)/net.onnx")
      let outcome = try Otoscope.run("configure", "net.onnx", in: folder)
      #expect(
        outcome.status == 1 && outcome.output.contains("open: its input 'log_mel'"), "\(outcome.output)")
      #expect(try Otoscope.run("configure", "gone.onnx", in: folder).status == 1)
      #expect(try Otoscope.run("configure", in: folder).status == 2)
    }
  }
}

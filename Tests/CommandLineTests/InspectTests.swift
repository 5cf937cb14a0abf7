import Files
import Foundation
import Tensors
import TestSupport
import Testing

@Suite("inspect")
struct InspectTests {
  private struct Inspected: Decodable {
    struct Layer: Decodable {
      var tensor: String
      var shape: [Int]
      var parameters: Int
      var multiply_accumulates: Int
      var bytes: Int
      var receptive_field: [Int]
      var receptive_field_s: Double?
      var receptive_field_hz: Double?
    }
    var shapes: [String: [Int]]
    var parameters: Int
    var multiply_accumulates: Int
    var activation_bytes: Int
    var arena_bytes: Int
    var layers: [Layer]
  }

  private func inspected(_ arguments: String..., in folder: String) throws -> Inspected {
    let outcome = try Otoscope.run(["inspect"] + arguments + ["--json"], in: folder)
    expectSuccess(outcome)
    return try json(Inspected.self, outcome.output)
  }

  /// A network of two convolutions on pictures of any length.
  private static var anyLength: HandmadeONNX {
    var file = HandmadeONNX(input: "audio", ["N", 1, "T"])
    file.add("Conv", ["audio"], "a", weights: [Tensor([4, 1, 9], repeating: 1)], ["strides": [4]])
    file.add("Relu", ["a"], "b")
    file.add("Conv", ["b"], "c", weights: [Tensor([2, 4, 5], repeating: 1)])
    file.add("GlobalAveragePool", ["c"], "y")
    return file
  }

  @Test("work, memory and fields are those that the shapes make")
  func numbers() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener.write(to: "\(folder)/net.onnx")
      let one = try inspected("net.onnx", in: folder)
      let conv = try #require(one.layers.first)
      #expect(conv.shape == [1, 2, 12, 8] && conv.bytes == 4 * 2 * 12 * 8 && conv.parameters == 128)
      #expect(conv.multiply_accumulates == 64 * 2 * 12 * 8 && conv.receptive_field == [8, 8])
      #expect(one.multiply_accumulates == conv.multiply_accumulates && one.parameters == 128)
      #expect(one.activation_bytes == one.layers.reduce(0) { $0 + $1.bytes })
      #expect(one.arena_bytes > 0 && one.arena_bytes < 1 << 20)

      let many = try inspected("net.onnx", "--batch", "16", in: folder)
      #expect(many.shapes == ["log_mel": [16, 1, 96, 64]] && many.layers[0].shape[0] == 16)
      #expect(many.multiply_accumulates == 16 * one.multiply_accumulates)
      #expect(many.arena_bytes > one.arena_bytes)
    }
  }

  @Test("shapes that the file leaves open are asked for, and given")
  func shapes() throws {
    try withScratchFolder { folder in
      try WholeFile.write(Self.anyLength.bytes, to: "\(folder)/net.onnx")
      let open = try Otoscope.run("inspect", "net.onnx", in: folder)
      expectFailure(open, status: 2, saying: "'audio' is [N, 1, T]", "--shape audio=1,1,100")
      let network = try inspected("net.onnx", "--shape", "audio=2,1,409", in: folder)
      #expect(network.layers.map(\.shape) == [[2, 4, 101], [2, 4, 101], [2, 2, 97], [2, 2, 1]])
      #expect(network.layers.map(\.receptive_field).prefix(3) == [[9], [9], [25]])
      // With one input, its name goes without saying.
      #expect(try inspected("net.onnx", "--shape", "2,1,409", in: folder).parameters == 36 + 40)

      for (shape, status, words) in [
        ("sound=1,1,409", Int32(2), "the inputs are called 'audio'"), ("audio=1,2,409", 1, "[N, 1, T]"),
        ("audio=1,1,4", 1, "node"), ("audio=1,409", 1, "[N, 1, T]"), ("audio=1,1,1073741824", 0, ""),
      ] {
        let outcome = try Otoscope.run("inspect", "net.onnx", "--shape", shape, in: folder)
        #expect(outcome.status == status, "\(shape): \(outcome.errors)")
        #expect(words.isEmpty || outcome.errors.contains(words), "\(shape): \(outcome.errors)")
      }
      for shape in [
        "audio=", "audio=1,,2", "audio=1,0,5", "audio=1,-1,5", "audio=a", "", "=", "1,99999999999",
      ] {
        expectMisuse(try Otoscope.run("inspect", "net.onnx", "--shape", shape, in: folder), saying: "--shape")
      }
      expectMisuse(try Otoscope.run("inspect", "net.onnx", "--batch", "0", in: folder), saying: "--batch")
    }
  }

  @Test("the drawing holds every node")
  func drawing() throws {
    try withScratchFolder { folder in
      let golden = "\(Otoscope.root)/Tests/GraphsTests/Golden/residual.onnx"
      for model in ["yamnet", golden] {
        let outcome = try Otoscope.run("inspect", model, "--svg", "net.svg", in: folder)
        expectSuccess(outcome)
        #expect(outcome.lines.count > 10)
        let svg = String(decoding: try WholeFile.read("\(folder)/net.svg"), as: UTF8.self)
        #expect(svg.hasPrefix("<?xml") && svg.hasSuffix("</svg>\n") && svg.contains("<title>"))
      }
      let gone = try Otoscope.run("inspect", "yamnet", "--svg", "no/net.svg", in: folder)
      expectFailure(gone, saying: "no/net.svg")
    }
  }

  @Test("a front end that does not fit is a remark, not the end")
  func frontEndMismatch() throws {
    try withScratchFolder { folder in
      var network = TinyNetwork.listener
      network.metadata = [("otoscope.front_end", "{\"preset\": \"musicnn\"}")]
      try network.write(to: "\(folder)/net.onnx")
      let outcome = try Otoscope.run("inspect", "net.onnx", in: folder)
      #expect(outcome.status == 0 && outcome.output.contains("logits"))
      #expect(outcome.errors.contains("no seconds and hertz") && outcome.errors.contains("musicnn") == false)
    }
  }
}

import Audio
import Files
import Models
import TestSupport
import Testing

struct DescriptionTests {
  @Test("The metadata of an ONNX file says how it listens; words stand with or without quotes")
  func metadata() throws {
    for activation in ["sigmoid", "\"sigmoid\""] {
      let onnx = LinearONNX.described(
        ("otoscope.labels", #"["siren", "Hund \"Bello\"", "犬"]"#), ("otoscope.activation", activation),
        ("otoscope.axes", "frames-bands"), ("source", "not ours"))
      let model = try withScratchFolder { try onnx.model(in: $0) }
      #expect(model.name == "net.onnx")
      #expect(
        model.frontEnd.sampleRate == 8000 && model.frontEnd.patch.frames == 6 && model.frontEnd.bandCount == 5
      )
      #expect(model.labels == ["siren", "Hund \"Bello\"", "犬"])
      #expect(model.output.meaning?.activation == .some(.sigmoid))
      #expect(model.logits == "logits" && model.inputName == "sound" && model.classCount == 3)
    }
  }

  @Test("A sidecar says the same")
  func sidecar() throws {
    let model = try withScratchFolder { folder in
      try LinearONNX().model(
        in: folder,
        sidecar: #"{"front_end": \#(frontEndJSON()), "labels": ["a", "b", "c"], "activation": "none"}"#)
    }
    #expect(
      model.frontEnd.hop == 32 && model.labels == ["a", "b", "c"]
        && model.output.meaning?.activation == .some(.none))
  }

  @Test("What stands beside the model wins, key by key; a front end given by the caller wins over both")
  func sidecarWins() throws {
    let onnx = LinearONNX.described(
      ("otoscope.labels", #"["a", "b", "c"]"#), ("otoscope.activation", "sigmoid"))
    try withScratchFolder { folder in
      let model = try onnx.model(in: folder, sidecar: #"{"labels": ["x", "y", "z"]}"#)
      #expect(model.labels == ["x", "y", "z"])
      #expect(model.output.meaning?.activation == .some(.sigmoid) && model.frontEnd.patch.tail == .padToHop)
      let sidecar = #"{"front_end": \#(frontEndJSON(tail: "drop-incomplete")), "activation": "none"}"#
      let other = try onnx.model(in: folder, sidecar: sidecar)
      #expect(other.labels == ["a", "b", "c"])
      #expect(
        other.output.meaning?.activation == .some(.none) && other.frontEnd.patch.tail == .dropIncomplete)
      #expect(try onnx.model(in: folder, frontEnd: model.frontEnd).frontEnd == model.frontEnd)
    }
  }

  @Test("A model without a description is refused with a pattern to follow")
  func nothingKnown() throws {
    try withScratchFolder { folder in
      let message = try refusal { try LinearONNX().model(in: folder) }
      #expect(message.contains("net.onnx: how sound becomes its input 'sound' is not known"))
      #expect(message.contains("\(folder)/net.json") && message.contains("{\"preset\": \"yamnet\"}"))
    }
  }

  private static let refused: [(sidecar: String, reason: String)] = [
    ("{", "net.json: is not valid JSON"),
    ("", "net.json: is not valid JSON"),
    ("[1, 2]", "is no JSON object"),
    (#"{"labels": 3}"#, "'labels' is not of the right kind"),
    (#"{"labels": ["a", 2, "c"]}"#, "'labels"),
    (#"{"activation": "loud"}"#, "'activation'"),
    (#"{"axes": "up-down"}"#, "'axes'"),
    (#"{"output": 3}"#, "'output' is not of the right kind"),
    (
      #"{"output": {"tensor": "logits", "axis": []}}"#,
      "'axis' is an unknown key; the keys are 'tensor', 'axes'"
    ),
    (#"{"output": {"axes": ["batch", "classes"]}}"#, "has \"classes\", but an axis is one of"),
    (
      #"{"label": ["a", "b", "c"]}"#,
      "'label' is an unknown key; the keys are 'front_end', 'labels', 'activation', 'axes', 'output'"
    ),
    (#"{"front_end": {"preset": "yamnet", "melody": 3}}"#, "\"melody\" is an unknown key"),
    (#"{"front_end": {"preset": "yamnot"}}"#, "no preset is named 'yamnot'"),
    (#"{"front_end": 16000}"#, "\"front_end\" is no JSON object"),
  ]

  @Test("A description that cannot be understood says where and why", arguments: refused)
  func bad(sidecar: String, reason: String) throws {
    try withScratchFolder { folder in
      let message = try refusal { try LinearONNX.described().model(in: folder, sidecar: sidecar) }
      #expect(message.hasPrefix("\(folder)/net.json: ") && message.contains(reason), "\(message)")
    }
  }

  private static let refusedMetadata: [(key: String, value: String, reason: String)] = [
    ("otoscope.labels", "[\"a\"", "is not valid JSON"),
    ("otoscope.labels", "a, b, c", "'labels' is not of the right kind"),
    ("otoscope.activation", "relu", "'activation'"),
    ("otoscope.lables", "[]", "'lables' is an unknown key"),
  ]

  @Test("So do metadata", arguments: refusedMetadata)
  func badMetadata(key: String, value: String, reason: String) throws {
    try withScratchFolder { folder in
      let message = try refusal { try LinearONNX.described((key, value)).model(in: folder) }
      #expect(message.contains("net.onnx (its metadata): ") && message.contains(reason), "\(message)")
    }
  }

  @Test("The wrong number of labels is refused; none at all are filled in")
  func labelCount() throws {
    try withScratchFolder { folder in
      let message = try refusal {
        try LinearONNX.described().model(in: folder, sidecar: #"{"labels": ["a", "b"]}"#)
      }
      #expect(message.contains("has 3 classes and 2 labels; correct 'labels' in \(folder)/net.json"))
      let model = try LinearONNX.described().model(in: folder, sidecar: #"{"labels": []}"#)
      #expect(model.labels.isEmpty && model.label(2) == "class 2")
      let named = try LinearONNX.described().model(in: folder, sidecar: #"{"labels": ["a", "b", "c"]}"#)
      #expect(named.label(1) == "b" && named.label(3) == "class 3" && named.label(-1) == "class -1")
    }
  }

  private static let misfits: [(frames: Int, bands: Int, axes: String?, shown: String)] = [
    (6, 4, nil, "[N, 1, 6, 5], but the front end makes patches of 6 frames x 4 bands"),
    (8, 5, nil, "[N, 1, 6, 5], but the front end makes patches of 8 frames x 5 bands"),
    // The shape tells frames from bands here, and contradicts the axes.
    (6, 5, "bands-frames", "correct 'patch', 'mel' or 'axes'"),
    (5, 6, "frames-bands", "correct 'patch', 'mel' or 'axes'"),
  ]

  @Test("A front end that does not fit the input is refused with both shapes", arguments: misfits)
  func misfit(frames: Int, bands: Int, axes: String?, shown: String) throws {
    try withScratchFolder { folder in
      let axes = axes.map { ", \"axes\": \"\($0)\"" } ?? ""
      let sidecar = "{\"front_end\": \(frontEndJSON(frames: frames, bands: bands))\(axes)}"
      let message = try refusal { try LinearONNX().model(in: folder, sidecar: sidecar) }
      #expect(message.contains("net.onnx: its input is ") && message.contains(shown), "\(message)")
    }
  }

  /// The message with which `body` fails.
  private func refusal(_ body: () throws -> AudioModel) throws -> String {
    let error = #expect(throws: ModelError.self) { _ = try body() }
    return try #require(error).description
  }
}

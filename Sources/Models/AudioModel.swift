public import Audio
import Files
public import Graphs
public import Tensors

/// A network that listens: the graph, the front end that turns sound into its input, and what its outputs mean.
public struct AudioModel: Sendable {
  /// A bundled name, or the file's name.
  public let name: String
  public private(set) var network: Network
  public let frontEnd: FrontEnd
  /// One for each class; empty where nobody named them.
  public let labels: [String]
  /// Which result holds the classes, and what it means.
  public let output: ModelOutput
  /// The file, for messages.
  public let path: String

  private let input: GraphInput
  private let bandsFirst: Bool

  /// The model called `name`: a bundled one, or an ONNX file with a description inside or beside it.
  ///
  /// - Parameters:
  ///   - memory: the most bytes of intermediate results; see `Network.memory`.
  ///   - told: what the user says; it wins over the description, key by key.
  /// - Throws: `ModelError`, `ONNXError`, `GraphError`, `FileError`.
  public init(
    named name: String, threads: Int, memory: Int? = nil, told: ModelDescription = ModelDescription()
  ) throws {
    let path = try BundledData.modelPath(name)
    let file = try ONNXModel(contentsOf: path)
    let description = try ModelDescription(of: file, at: path).overridden(by: told)
    let shown = BundledData.modelNames.contains(name) ? name : Folder.name(of: name)
    try self.init(Network(file.graph, threads: threads, memory: memory), description, name: shown, path: path)
  }

  /// - Parameters:
  ///   - name: for reports.
  ///   - path: for messages.
  public init(_ network: Network, _ description: ModelDescription, name: String, path: String) throws {
    let graph = network.graph
    guard graph.inputs.count == 1, let input = graph.inputs.first else {
      throw ModelError.badDescription(
        where: path, reason: "has \(graph.inputs.count) inputs; a model that listens has one")
    }
    guard let frontEnd = description.frontEnd else {
      throw ModelError.unknownFrontEnd(path: path, input: input.name, presets: FrontEnd.presetNames)
    }
    self.name = name
    self.path = path
    self.frontEnd = frontEnd
    self.input = input

    let picture = (frontEnd.patch.frames, frontEnd.mel.bands)
    let declared = (input.dimensions ?? []).dropFirst().filter { $0 != .fixed(1) }
    func fits(_ extents: (Int, Int)) -> Bool {
      let extents = [extents.0, extents.1]
      return declared.count == 2
        && zip(declared, extents).allSatisfy { dimension, extent in
          if case .fixed(let fixed) = dimension { return fixed == extent }
          return true
        }
    }
    let framesFirst = fits(picture) && description.axes != .bandsFrames
    guard framesFirst || (fits((picture.1, picture.0)) && description.axes != .framesBands) else {
      throw ModelError.frontEndMismatch(
        path: path, input: "[" + (input.dimensions ?? []).map(\.description).joined(separator: ", ") + "]",
        picture: "\(picture.0) frames x \(picture.1) bands")
    }
    bandsFirst = !framesFirst

    let shape = Self.inputShape(input, rows: 1, frontEnd, bandsFirst: bandsFirst)
    let axes = Self.pictureAxes(input, bandsFirst: bandsFirst)
    let (output, revealing) = try OutputChoice(
      network: network, description: description, inputShapes: [input.name: shape],
      picture: (input.name, axes.frames, axes.bands), path: path
    ).output()
    self.output = output
    let isRevealed = revealing.tensors.count == graph.tensors.count
    self.network = isRevealed ? network : Network(revealing, like: network)
    labels = description.labels ?? []
    guard labels.isEmpty || labels.count == output.layout.classes else {
      throw ModelError.labels(path: path, labels: labels.count, classes: output.layout.classes)
    }
  }

  /// The same model with other weights: a network of the same tensors.
  public func replacing(network other: Network) -> AudioModel {
    var model = self
    model.network = other
    return model
  }

  /// The tensor that is explained: one number for each class of each moment, before any softmax or sigmoid where the
  /// graph has such a tensor.
  public var logits: TensorName { output.explained }
  /// Whether a clip is a walk in time: what is said of a patch hangs on those before it.
  package var isStateful: Bool { false }
  /// How many classes there are.
  public var classCount: Int { output.layout.classes }

  /// The name of class `index`.
  public func label(_ index: Int) -> String {
    labels.indices.contains(index) ? labels[index] : "class \(index)"
  }

  /// The tensor that the network takes for these patches, `[patches, frames, bands]`.
  public func inputTensor(for patches: Tensor) -> Tensor {
    let shape = Self.inputShape(input, rows: patches.shape[0], frontEnd, bandsFirst: bandsFirst)
    return (bandsFirst ? patches.exchangingLastAxes() : patches).reshaped(to: shape)
  }

  /// The network's input for clips of equal length, `[clips, frames, bands]`: the patches of each, one after another.
  public func inputTensor(forClips clips: Tensor) -> Tensor {
    let picture = Shape(Array(clips.shape.dimensions.dropFirst()))
    return inputTensor(
      for: Tensor(
        joining: (0..<clips.shape[0]).map { row in
          frontEnd.patches(of: clips.rows(row..<row + 1).reshaped(to: picture))
        }))
  }

  /// The way back from the network's input: `[rows, …]` as patches, `[rows, frames, bands]`.
  public func patches(from input: Tensor) -> Tensor {
    let (frames, bands) = (frontEnd.patch.frames, frontEnd.mel.bands)
    guard bandsFirst else { return input.reshaped(to: [input.shape[0], frames, bands]) }
    return input.reshaped(to: [input.shape[0], bands, frames]).exchangingLastAxes()
  }

  /// The shape of the network's input for one patch.
  public var patchInputShape: [TensorName: Shape] {
    [input.name: Self.inputShape(input, rows: 1, frontEnd, bandsFirst: bandsFirst)]
  }

  /// The axes of the network's input along which frames and bands run.
  public var pictureAxes: (frames: Int, bands: Int) { Self.pictureAxes(input, bandsFirst: bandsFirst) }

  private static func pictureAxes(_ input: GraphInput, bandsFirst: Bool) -> (frames: Int, bands: Int) {
    let places = (input.dimensions ?? []).indices.dropFirst().filter { input.dimensions?[$0] != .fixed(1) }
    return bandsFirst ? (places[1], places[0]) : (places[0], places[1])
  }

  /// The network's own input tensor.
  public var inputName: TensorName { input.name }

  private static func inputShape(_ input: GraphInput, rows: Int, _ frontEnd: FrontEnd, bandsFirst: Bool)
    -> Shape
  {
    var picture = [frontEnd.patch.frames, frontEnd.mel.bands]
    if bandsFirst { picture.reverse() }
    return Shape(
      [rows]
        + (input.dimensions ?? []).dropFirst().map { dimension in
          dimension == .fixed(1) ? 1 : picture.removeFirst()
        })
  }
}

extension Tensor {
  /// `[n, a, b]` as `[n, b, a]`.
  fileprivate func exchangingLastAxes() -> Tensor {
    let (rows, a, b) = (shape[0], shape[1], shape[2])
    return Tensor(unsafeUninitialized: [rows, b, a]) { result in
      withUnsafeValues { values in
        for row in 0..<rows {
          for i in 0..<a { for j in 0..<b { result[(row * b + j) * a + i] = values[(row * a + i) * b + j] } }
        }
      }
    }
  }
}

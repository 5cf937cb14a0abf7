public import Audio
import Files
public import Graphs
public import Tensors

/// A network that listens: the graph, the front end that turns sound into its input, and what its outputs mean.
public struct AudioModel: Sendable {
  /// A bundled name, or the file's name.
  public private(set) var name: String
  public private(set) var network: Network
  /// How sound becomes what the network is given: its picture, or, where that lies inside the network, samples.
  public private(set) var frontEnd: FrontEnd
  /// One for each class; empty where nobody named them.
  public let labels: [String]
  /// Which result holds the classes, and what it means.
  public private(set) var output: ModelOutput
  /// The file, for messages.
  public let path: String
  /// Where the bins of a clip's picture lie.
  public private(set) var axes: PictureAxes

  private var picture: PictureLayout
  /// What is done to each patch before the file's own network; nil where it takes them as they are.
  let steps: PatchInput?
  /// The half of the network that makes the picture; `network` is the other one. nil where the front end makes it.
  let inside: InnerPicture?
  /// The same model with the whole network; nil where this has it.
  private let whole: Whole?
  /// What the model was made of; nil for the halves of one.
  private var source: Source?

  private struct Source: Sendable {
    let network: Network
    let description: ModelDescription
  }

  private final class Whole: Sendable {
    let model: AudioModel
    init(_ model: AudioModel) { self.model = model }
  }

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
    let network = try description.network(file.graph, threads: threads, memory: memory, path: path)
    try self.init(network, description, name: shown, path: path)
  }

  /// A model whose picture lies where the description says it, or where it is found inside the network.
  ///
  /// - Parameters:
  ///   - network: as `ModelDescription.network` makes it.
  ///   - name: for reports.
  ///   - path: for messages.
  public init(_ network: Network, _ description: ModelDescription, name: String, path: String) throws {
    let whole = try AudioModel(givenAsIs: network, description, name: name, path: path)
    self = try whole.lookingInside(description) ?? whole
    source = Source(network: network, description: description)
  }

  /// A model that is explained on what its network is given.
  ///
  /// - Parameters:
  ///   - network: as `ModelDescription.network` makes it.
  ///   - name: for reports.
  ///   - path: for messages.
  init(givenAsIs network: Network, _ description: ModelDescription, name: String, path: String) throws {
    let inputs = network.graph.inputs
    guard inputs.count == 1, let input = inputs.first else {
      throw ModelError.inputs(path: path, inputs.map(\.name))
    }
    guard var frontEnd = try description.frontEnd?.fitting(input, of: network) else {
      throw ModelError.unknownFrontEnd(path: path, input: input.name, presets: FrontEnd.presetNames)
    }
    if let cutting = description.cutting {
      if let overlap = cutting.overlap, overlap > 0, network.isWalking {
        throw ModelError.cutting(
          path: path, "it carries a state from patch to patch; what overlaps would be heard twice")
      }
      let fewest = description.frontEnd?.patch.frames ?? 1
      frontEnd = try frontEnd.cut(as: cutting, fewest: fewest, path: path)
    }
    self.name = name
    self.path = path
    self.frontEnd = frontEnd
    (inside, whole) = (nil, nil)
    steps = try PatchInput(input, of: network, frontEnd, description.axes, path: path)
    axes = frontEnd.axes(channels: steps?.soundChannels ?? 1)
    let network = steps?.network ?? network
    picture =
      try steps.map { PictureLayout(steps: frontEnd, channels: $0.channels) }
      ?? PictureLayout(input, of: network, frontEnd, description.axes, path: path)
    (output, self.network) = try OutputChoice(
      network: network, description: description,
      inputShapes: [picture.input: picture.shape(clips: 1, patches: 1)],
      picture: (picture.input, picture.frames + 1, picture.bands.map { $0 + 1 }), path: path
    ).output()
    labels = description.labels ?? []
    guard labels.isEmpty || labels.count == output.layout.classes else {
      throw ModelError.labels(path: path, labels: labels.count, classes: output.layout.classes)
    }
  }

  /// The same model, explained on the picture that its network carries inside; nil where it has none.
  private func lookingInside(_ description: ModelDescription) throws -> AudioModel? {
    guard frontEnd.isSamples, !isStateful,
      let found = try InnerPicture.found(in: self, picture, description.picture)
    else { return nil }
    return try AudioModel(self, found, description)
  }

  /// - Parameter whole: with the whole network.
  private init(
    _ whole: AudioModel, _ found: (first: InnerPicture, second: Network), _ description: ModelDescription
  )
    throws
  {
    (name, path, labels) = (whole.name, whole.path, whole.labels)
    (inside, steps) = (found.first, nil)
    axes = found.first.axes
    self.whole = Whole(whole)
    // Pictures of patches stand side by side; those of patches that overlap would show the same sound twice.
    frontEnd = try whole.frontEnd.withPatchesSideBySide()
    picture = PictureLayout(found.first)
    var known = description
    known.output = ModelDescription.Output(
      tensor: whole.output.tensor, axes: description.output?.axes)
    (output, network) = try OutputChoice(
      network: found.second, description: known,
      inputShapes: [picture.input: picture.shape(clips: 1, patches: 1)],
      picture: (picture.input, 1, 2), path: path
    ).output()
  }

  /// The model for clips of so many samples: itself, unless its network takes sounds of any length. Then one patch is the
  /// clip, up to half a minute of it.
  public func fitted(toSamples count: Int) throws -> AudioModel {
    guard frontEnd.patch.isFree, let source, let fewest = source.description.frontEnd?.patch.frames else {
      return self
    }
    let length = min(max(count, fewest), Int(Self.longestPatch * Double(sampleRate)))
    var description = source.description
    description.frontEnd = try frontEnd.withPatches(of: length)
    return try AudioModel(source.network, description, name: name, path: path)
  }

  /// The same model under another name, for reports.
  package func named(_ name: String) -> AudioModel {
    var model = self
    model.name = name
    return model
  }

  /// The same network listening through another front end, on what that gives it.
  ///
  /// - Throws: `ModelError.frontEndMismatch` where the network does not take that.
  package func listening(through other: FrontEnd) throws -> AudioModel {
    guard let source else { return self }
    var description = source.description
    description.frontEnd = other
    return try AudioModel(givenAsIs: source.network, description, name: name, path: path)
  }

  /// In seconds: attention over more would fill the memory.
  private static let longestPatch = 30.0

  /// The model with its whole network, which takes what the front end makes.
  public var onWholeNetwork: AudioModel { whole?.model ?? self }

  /// The model as its file is: with the whole network, and nothing before it; nil where steps on patches stand before the
  /// file's own input.
  public var onFile: AudioModel? { steps == nil ? onWholeNetwork : nil }

  /// Whether sounds are explained on a picture: the front end's, or the network's own.
  public var hasPicture: Bool { !axes.isOfTimeOnly }

  /// Whether that picture is made by the network.
  public var hasInnerPicture: Bool { inside != nil }

  /// The same model with other weights: a network of the same tensors.
  public func replacing(network other: Network) -> AudioModel {
    var model = self
    model.network = other
    return model
  }

  /// The tensor that is explained: one number for each class of each moment, before any softmax or sigmoid where the
  /// graph has such a tensor.
  public var logits: TensorName { output.explained }
  /// How many classes there are.
  public var classCount: Int { output.layout.classes }
  /// Whether a clip is a walk in time: what the network says of a patch depends on those before it.
  public var isStateful: Bool { network.isWalking }

  /// The name of class `index`.
  public func label(_ index: Int) -> String {
    labels.indices.contains(index) ? labels[index] : "class \(index)"
  }

  /// The tensor that the network takes for the patches of one clip, `[patches, frames, bands]`.
  public func inputTensor(for patches: Tensor) -> Tensor { picture.input(patches, clips: 1) }

  /// The network's input for clips of equal length, `[clips, frames, bands]`: the patches of each, one after another.
  public func inputTensor(forClips clips: Tensor) -> Tensor {
    let extents = Shape(Array(clips.shape.dimensions.dropFirst()))
    let patches = (0..<clips.shape[0]).map { row in
      self.patches(of: clips.rows(row..<row + 1).reshaped(to: extents))
    }
    return picture.input(Tensor(joining: patches), clips: clips.shape[0])
  }

  /// The way back from the network's input: as patches, `[rows, frames, bands]`.
  public func patches(from input: Tensor) -> Tensor { picture.patches(input) }

  /// The shape of the network's input for one patch.
  public var patchInputShape: [TensorName: Shape] { [inputName: picture.shape(clips: 1, patches: 1)] }

  /// The axes of the network's input along which frames and bands run, the rows' first; bands have none where the frames
  /// are samples.
  public var pictureAxes: (frames: Int, bands: Int?) { (picture.frames + 1, picture.bands.map { $0 + 1 }) }

  /// The network's own input tensor.
  public var inputName: TensorName { picture.input }
}

extension ModelDescription {
  /// The network as it is described: with known inputs as constants, and with state carried from patch to patch.
  ///
  /// - Throws: `ModelError.badDescription` for values that do not fit an input; `GraphError` for unknown names.
  public func network(_ graph: Graph, threads: Int, memory: Int? = nil, path: String) throws -> Network {
    var graph = graph
    if let inputs, !inputs.isEmpty {
      graph = try graph.fixing(
        inputs.reduce(into: [:]) { values, entry in
          values[entry.key] = try Self.tensor(entry.value, for: entry.key, of: graph, path: path)
        })
    }
    guard let state, !state.isEmpty else {
      return Network(graph, threads: threads, memory: memory, rows: rowLayout(of: graph))
    }
    return try Network(
      stepping: graph, state: state, threads: threads, memory: memory, rows: rowLayout(of: graph))
  }

  /// Where the description says that rows run; nil where it does not.
  private func rowLayout(of graph: Graph) -> RowLayout? {
    guard let axes = output?.axes, let tensor = output?.tensor ?? graph.outputs.first else { return nil }
    return RowLayout(axes: [tensor: axes.firstIndex(of: .batch)])
  }

  private static func tensor(_ value: InputValue, for name: TensorName, of graph: Graph, path: String) throws
    -> Tensor
  {
    guard let input = graph.inputs.first(where: { $0.name == name }) else {
      throw GraphError.unknownTensor(name, nearest: graph.inputs.map(\.name))
    }
    let count = value.numbers.count
    // A number fills what the file leaves open with 1.
    let extents = (input.dimensions ?? (value.isList ? [.fixed(count)] : [])).map { dimension -> Int in
      if case .fixed(let extent) = dimension { extent } else { 1 }
    }
    let shape = input.dimensions?.count == 1 && value.isList ? Shape([count]) : Shape(extents)
    guard shape.count == count || count == 1 else {
      throw ModelError.badDescription(
        where: path, reason: "'inputs.\(name)' has \(count) numbers, but the input has the shape \(shape)")
    }
    return count == 1 ? Tensor(shape, repeating: value.numbers[0]) : Tensor(shape, value.numbers)
  }
}

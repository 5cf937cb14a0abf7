import Files
import Glibc
package import Graphs
package import Tensors

import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder

/// A network that looks at pictures, of any size as far as its layers allow.
///
/// What a file cannot say in ONNX travels as metadata: `otoscope.labels`, a JSON list, and `otoscope.image`, an object with
/// `scaling` (``ImageScaling``) and `colours` ("rgb", or "bgr" for networks that take blue first).
package struct ImageModel: Sendable {
  package let name: String
  /// Takes `[rows, 3, height, width]`, or `[rows, height, width, 3]`, of any height and width.
  package let network: Network
  package let input: TensorName
  /// The result that holds a number for each class.
  package let logits: TensorName
  /// Of the classes; empty where nobody says.
  package let labels: [String]
  package let classCount: Int
  /// What the file says, for classifying.
  package let usualSize: (width: Int, height: Int)
  /// Whether the colours come after height and width.
  package let coloursAreLast: Bool
  package let scaling: ImageScaling
  /// Whether blue comes first.
  package let takesBlueFirst: Bool
  /// Whether ``logits`` are probabilities already.
  private let hasProbabilities: Bool

  /// Where the file leaves its size open.
  private static let openSize = 224

  /// - Parameters:
  ///   - name: nil for that of the file.
  ///   - scaling: over what the file says; ImageNet's where it says nothing.
  ///   - labels: over what the file says.
  /// - Throws: `ImageModelError`; `FileError`, `ONNXError`, `GraphError`.
  package init(
    path: String, name: String? = nil, scaling: ImageScaling? = nil, labels: [String]? = nil, threads: Int
  ) throws {
    let model = try ONNXModel(contentsOf: path)
    self.name = name ?? Folder.name(of: path)
    let described = try Described(model, at: path)
    guard model.graph.inputs.count == 1, let input = model.graph.inputs.first else {
      throw ImageModelError.inputs(path: path, model.graph.inputs.map(\.name))
    }
    guard let dimensions = input.dimensions, dimensions.count == 4,
      let axis = [1, 3].first(where: { dimensions[$0] == .fixed(3) })
    else {
      let shape =
        input.dimensions.map { "[\($0.map(\.description).joined(separator: ", "))]" } ?? "of unknown shape"
      throw ImageModelError.noPictures(path: path, input: input.name, shape: shape)
    }
    self.input = input.name
    coloursAreLast = axis == 3
    let places = axis == 3 ? (1, 2) : (2, 3)
    func extent(_ dimension: Dimension) -> Int {
      if case .fixed(let extent) = dimension { extent } else { Self.openSize }
    }
    usualSize = (extent(dimensions[places.1]), extent(dimensions[places.0]))
    self.scaling = scaling ?? described.scaling ?? .imageNet
    takesBlueFirst = described.colours == .bgr
    let graph = try model.graph.freeing(input.name, colours: axis)
    network = Network(graph, threads: threads)
    guard let output = graph.outputs.first else { throw ImageModelError.noClasses(path: path) }
    hasProbabilities = graph.producer(of: output)?.kind == "Softmax"
    logits = output
    let shape = Self.shape(axis == 3, usualSize.width, usualSize.height)
    guard let result = try network.shapes(at: [input.name: shape])[output], result.dimensions.first == 1,
      result.count > 1
    else { throw ImageModelError.noClasses(path: path) }
    classCount = result.count
    let names = labels ?? described.labels ?? []
    guard names.isEmpty || names.count == classCount else {
      throw ModelError.labels(path: path, labels: names.count, classes: classCount)
    }
    self.labels = names
  }

  private static func shape(_ coloursAreLast: Bool, _ width: Int, _ height: Int) -> Shape {
    coloursAreLast ? [1, height, width, 3] : [1, 3, height, width]
  }

  /// Of the input for a picture.
  package func inputShape(width: Int, height: Int) -> Shape { Self.shape(coloursAreLast, width, height) }

  package func label(_ index: Int) -> String {
    labels.indices.contains(index) ? labels[index] : "class \(index)"
  }

  /// `input = (byte − mean) / deviation`, for red, green and blue.
  package var statistics: (mean: [Float], deviation: [Float]) {
    switch scaling {
    case .imageNet: ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])
    case .efficientNetLite: ([127, 127, 127], [128, 128, 128])
    case .symmetric: ([127.5, 127.5, 127.5], [127.5, 127.5, 127.5])
    case .unit: ([0, 0, 0], [255, 255, 255])
    case .bytes: ([0, 0, 0], [1, 1, 1])
    }
  }

  /// Where a colour's plane begins in the input, and how far one of its pixels is from the next.
  package func plane(of colour: Int, pixels: Int) -> (start: Int, step: Int) {
    let place = takesBlueFirst ? 2 - colour : colour
    return coloursAreLast ? (place, 3) : (place * pixels, 1)
  }

  /// What the network is given of a picture.
  package func inputTensor(_ picture: RGBPicture) -> Tensor {
    let count = picture.width * picture.height
    let (mean, deviation) = statistics
    return Tensor(unsafeUninitialized: inputShape(width: picture.width, height: picture.height)) { values in
      for colour in 0..<3 {
        let (start, step) = plane(of: colour, pixels: count)
        for place in 0..<count {
          values[start + place * step] =
            (Float(picture.pixels[3 * place + colour]) - mean[colour]) / deviation[colour]
        }
      }
    }
  }

  /// What the network says of the classes, of the picture in the usual size.
  package func scores(of picture: RGBPicture) throws -> [Float] {
    let usual = picture.resized(width: usualSize.width, height: usualSize.height)
    return try network.values(of: [logits], at: [input: inputTensor(usual)])[0].values
  }

  /// The likeliest classes, the first first.
  package func top(_ count: Int, of picture: RGBPicture) throws -> [(
    index: Int, label: String, probability: Double
  )] {
    let scores = try scores(of: picture)
    var probabilities = scores.map(Double.init)
    if !hasProbabilities {
      let largest = probabilities.max() ?? 0
      probabilities = probabilities.map { exp($0 - largest) }
      let sum = probabilities.reduce(0, +)
      probabilities = probabilities.map { $0 / sum }
    }
    let order = probabilities.indices.sorted {
      probabilities[$0] != probabilities[$1] ? probabilities[$0] > probabilities[$1] : $0 < $1
    }
    return order.prefix(count).map { ($0, label($0), probabilities[$0]) }
  }

  /// The activations of a layer for a picture in its own size.
  package func activations(of layer: TensorName, for picture: RGBPicture) throws -> Tensor {
    try network.values(of: [layer], at: [input: inputTensor(picture)])[0]
  }

  /// The shape of a layer for a picture of that size.
  ///
  /// - Throws: `GraphError` where the network does not take that size, or has no such tensor.
  package func shape(of layer: TensorName, width: Int, height: Int) throws -> Shape {
    let shapes = try network.shapes(at: [input: inputShape(width: width, height: height)])
    guard let shape = shapes[layer] else {
      throw GraphError.unknownTensor(layer, nearest: nearest(to: layer, among: network.graph.tensors))
    }
    return shape
  }

  /// What the metadata say.
  private struct Described {
    enum Colours: String, Decodable { case rgb, bgr }

    var scaling: ImageScaling?
    var colours: Colours?
    var labels: [String]?

    init(_ model: ONNXModel, at path: String) throws {
      do {
        if let text = model.metadata["otoscope.image"] {
          struct Image: Decodable {
            let scaling: ImageScaling?
            let colours: Colours?
          }
          let image = try JSONDecoder().decode(Image.self, from: Data(text.utf8))
          (scaling, colours) = (image.scaling, image.colours)
        }
        if let text = model.metadata["otoscope.labels"] {
          labels = try JSONDecoder().decode([String].self, from: Data(text.utf8))
        }
      } catch {
        throw ModelError.badDescription(where: "\(path) (its metadata)", reason: "\(error)")
      }
    }
  }
}

/// What can keep a network from being one that looks at pictures.
package enum ImageModelError: Error, Equatable, CustomStringConvertible {
  case inputs(path: String, [TensorName])
  case noPictures(path: String, input: TensorName, shape: String)
  case noClasses(path: String)

  package var description: String {
    switch self {
    case .inputs(let path, let inputs):
      "\(PathText.shown(path)): has \(inputs.count) inputs (\(inputs.joined(separator: ", "))); an image network has one"
    case .noPictures(let path, let input, let shape):
      "\(PathText.shown(path)): its input '\(input)' \(shape) takes no pictures of three colours; give a network of "
        + "[rows, 3, height, width] or [rows, height, width, 3]"
    case .noClasses(let path):
      "\(PathText.shown(path)): its result is no list of classes"
    }
  }
}

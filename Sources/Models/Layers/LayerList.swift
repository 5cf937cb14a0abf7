import Audio
import Files
public import Graphs
public import Tensors

/// A network's layers for inputs of given shapes, and their totals.
public struct LayerList: Sendable {
  /// The graph for these shapes.
  public let graph: Graph
  public let inputShapes: [TensorName: Shape]
  public let layers: [Layer]
  /// Weights, each counted once, however many layers share it.
  public let parameters: Int
  public let multiplyAccumulates: Int
  /// Bytes of all results together.
  public let activationBytes: Int
  /// Bytes that computing the outputs takes at most at any time; nil where some kernel does not exist, or where
  /// the results are gigabytes.
  public let arenaBytes: Int?

  /// A node of the network.
  public struct Layer: Sendable {
    public let tensor: TensorName
    public let kind: String
    public let shape: Shape
    public let parameters: Int
    public let multiplyAccumulates: Int
    public let field: Field

    /// Bytes of the result.
    public var bytes: Int { saturated(shape.count, MemoryLayout<Float>.stride) }
  }

  /// A receptive field, in places of the first input and in physical units.
  public struct Field: Sendable {
    /// One extent for each axis that follows one of the input's, the batch apart.
    public var extents: [Int] = []
    public var seconds: Double?
    public var hertz: Double?
  }

  public init(_ file: Graph, at inputShapes: [TensorName: Shape], listener: AudioModel?, threads: Int) throws
  {
    let graph = try file.resolved(for: inputShapes)
    let shapes = try graph.shapes(for: inputShapes)
    let fields = graph.inputs.first.map { graph.receptiveFields(of: $0.name, shapes: shapes) } ?? [:]
    self.graph = graph
    self.inputShapes = inputShapes
    layers = graph.nodes.map { node in
      let output = node.outputs.first { !$0.isEmpty } ?? ""
      return Layer(
        tensor: output, kind: node.kind, shape: shapes[output] ?? [],
        parameters: node.parameterCount(in: graph), multiplyAccumulates: node.multiplyAccumulates(shapes),
        field: fields[output].map { Field($0, listener) } ?? Field())
    }
    let used = Set(graph.nodes.flatMap(\.inputs))
    let shared = graph.constants.reduce(0) { $0 + (used.contains($1.key) ? $1.value.count : 0) }
    parameters = graph.nodes.reduce(shared) { $0 + $1.operation.parameterCount }
    multiplyAccumulates = layers.reduce(0) { sum($0, $1.multiplyAccumulates) }
    activationBytes = layers.reduce(0) { sum($0, $1.bytes) }
    // oneDNN makes kernels for rows of many millions of places, but takes minutes for it.
    arenaBytes =
      activationBytes > 1 << 33
      ? nil : try? Network(graph, threads: threads).arenaBytes(of: graph.outputs, at: inputShapes)
  }
}

extension LayerList.Field {
  init(_ field: ReceptiveField, _ listener: AudioModel?) {
    extents = field.axes.compactMap { $0 }.filter { $0.inputAxis > 0 }.map {
      Int(exactly: $0.size.rounded()) ?? .max
    }
    if let listener { (seconds, hertz) = Self.physical(field, listener) }
  }

  /// In the middle of the picture, in seconds and hertz; as wide as the picture where nothing bounds it.
  private static func physical(_ field: ReceptiveField, _ model: AudioModel) -> (Double, Double) {
    let axes = model.axes
    let (frames, edges) = (model.patchFrames, axes.bands)
    let bands = edges.count
    let size = { (axis: Int, all: Int) -> Int in
      guard let place = field.axis(along: axis), let size = field.axes[place]?.size else { return all }
      return Int(min(Double(all), size))
    }
    let inTime = size(model.pictureAxes.frames, frames)
    let inFrequency = model.pictureAxes.bands.map { size($0, bands) } ?? bands
    let first = (bands - inFrequency) / 2
    let seconds = Double(inTime - 1) * axes.hop + axes.window
    return (seconds, edges[first + inFrequency - 1].highest - edges[first].lowest)
  }

  /// `63 x 47, 0.645 s x 5200 Hz`
  public var shown: String {
    let places = extents.map(String.init).joined(separator: " x ")
    guard let seconds, let hertz else { return places }
    let physical = "\(NumberText.rounded(seconds, digits: 3)) s x \(Int(hertz.rounded())) Hz"
    return places.isEmpty ? "whole patch, \(physical)" : "\(places), \(physical)"
  }
}

/// The sum, or the largest number there is.
private func sum(_ a: Int, _ b: Int) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? .max : sum
}

private func saturated(_ a: Int, _ b: Int) -> Int {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? .max : product
}

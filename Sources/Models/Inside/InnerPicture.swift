import Audio
import Graphs
import Tensors

/// The half of a network that turns samples into pictures of sound: a front end that the network carries inside.
///
/// The network is cut at the tensors that hold the pictures. The first half makes them; behind them the second half takes
/// one picture, `[N, frames, bands]`, in which the bands of all of them are stacked.
package struct InnerPicture: Sendable {
  /// From the samples of patches to the tensors.
  let first: Network
  let panels: [InnerPanel]
  /// Where the picture's bins lie, the patches' pictures side by side.
  let axes: PictureAxes
  /// What the first half makes of a patch of digital silence, `[frames, bands]`.
  var silence: Tensor

  package var frames: Int { panels[0].frames }
  package var bands: Int { panels.reduce(0) { $0 + $1.width } }

  /// The input of the second half.
  static let input: TensorName = "picture inside"

  /// The pictures of patches as the network takes them: `[N, frames, bands]`.
  func pictures(of rows: Tensor) throws -> Tensor {
    let values = try first.values(of: panels.map(\.tensor), at: [first.graph.inputs[0].name: rows])
    return Tensor(sideBySide: zip(panels, values).map { $0.picture($1) })
  }

  /// The second half behind the stacked picture.
  ///
  /// - Parameter sampleShape: the shape of the whole network's input in the file, for so many rows.
  /// - Throws: `GraphError.notSeparated` where the panels do not hold all that the network hears.
  static func second(
    of network: Network, behind panels: [InnerPanel],
    sampleShape: @escaping @Sendable (Int) -> Shape
  ) throws -> Network {
    let graph = network.graph
    guard let samples = graph.inputs.first?.name else { throw GraphError.malformed("there is no input") }
    let isOfOneRow = network.rows.capacity != .any
    let inputs = panels.map { panel -> GraphInput in
      var extents = panel.row.map(Dimension.fixed)
      if let axis = panel.rowAxis { extents.insert(isOfOneRow ? .fixed(1) : .symbolic("N"), at: axis) }
      return GraphInput(name: panel.tensor, dimensions: extents)
    }
    let following = try graph.following(from: inputs) { shapes in
      guard let panel = panels.first, let shape = shapes[panel.tensor] else { return [:] }
      return [samples: sampleShape(panel.rowAxis.map { shape[$0] } ?? 1)]
    }
    let second = try following.preceded(by: adapter(to: panels, isOfOneRow: isOfOneRow))
    return Network(
      second, threads: network.threads, rowsPerRun: network.rowsPerRun, memory: network.memory,
      rows: RowLayout(axes: [input: 0]))
  }

  /// From the stacked picture to each panel's own tensor.
  private static func adapter(to panels: [InnerPanel], isOfOneRow: Bool) throws -> Graph {
    var nodes: [Node] = []
    var constants: [TensorName: Tensor] = [:]
    var sources = [input]
    if panels.count > 1 {
      sources = panels.map { "\($0.tensor) in the picture" }
      nodes.append(
        Node(
          name: "panels of the picture", operation: Splitting(axis: 2, parts: .sizes(panels.map(\.width))),
          inputs: [input], outputs: sources))
    }
    for (panel, source) in zip(panels, sources) {
      let made = panel.nodes(from: source)
      nodes += made.nodes
      constants.merge(made.constants) { _, new in new }
    }
    let width = panels.reduce(0) { $0 + $1.width }
    return try Graph(
      name: "picture",
      inputs: [
        GraphInput(
          name: input,
          dimensions: [isOfOneRow ? .fixed(1) : .symbolic("N"), .fixed(panels[0].frames), .fixed(width)])
      ],
      nodes: nodes, constants: constants, outputs: panels.map(\.tensor))
  }
}

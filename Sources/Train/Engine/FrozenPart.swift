package import Explain
package import Graphs
package import Tensors

/// The part of a network that nothing learnt comes before: its results are computed once, and the rest is trained on them.
package struct FrozenPart: Sendable {
  /// What the rest reads.
  package let boundary: TensorName
  private let first: Graph
  /// The rest, which takes `boundary`.
  package let rest: Graph
  package let restInput: TensorName

  /// nil where there is no such part: something is learnt, or drawn at random, in the first layer of weights or before it, or
  /// more than one tensor leads from the part to the rest.
  ///
  /// - Parameters:
  ///   - example: the shape of one input, without the batch.
  package init?(_ graph: Graph, input: TensorName, logits: TensorName, learnt: [TensorName], example: Shape)
    throws
  {
    let shape: [TensorName: Shape] = [input: Shape([1] + example.dimensions)]
    let resolved = try graph.resolved(for: shape).making([logits])
    var moving = Set(learnt)
    for node in resolved.nodes where node.inputs.contains(where: moving.contains) || node.isDropout {
      moving.formUnion(node.outputs)
    }
    var boundary: Set<TensorName> = []
    for node in resolved.nodes where node.outputs.contains(where: moving.contains) {
      boundary.formUnion(
        node.inputs.filter { !$0.isEmpty && !moving.contains($0) && resolved.constants[$0] == nil })
    }
    guard boundary.count == 1, let cut = boundary.first, cut != input else { return nil }
    let first = try graph.making([cut])
    // Numbers that pictures are scaled with are no layer.
    guard try !first.resolved(for: shape).defaultParameters.isEmpty,
      let row = try resolved.shapes(for: shape)[cut], row.rank > 0, row[0] == 1
    else { return nil }
    self.first = first
    self.boundary = cut
    restInput = cut
    let extents = Array(row.dimensions.dropFirst())
    rest = try graph.making([logits]).following(
      from: [GraphInput(name: cut, dimensions: [.symbolic("N")] + extents.map { .fixed($0) })]
    ) { shapes in
      [input: Shape([shapes[cut]?.dimensions.first ?? 1] + example.dimensions)]
    }
  }

  /// What the part makes of every patch of these clips, as examples for the rest.
  ///
  /// - Throws: `Cancelled`.
  package func examples(
    from examples: any Examples, clips: Int, input: TensorName, threads: Int, control: RunControl
  ) throws -> StoredExamples {
    let network = Network(first, threads: threads)
    var (rows, starts, total) = ([Tensor](), [[Int]](), 0)
    for variation in 0..<examples.variations {
      var own: [Int] = []
      var places: [Place] = []
      for clip in 0..<clips {
        own.append(total)
        let count = examples.patchCount(clip: clip, variation: variation)
        total += count
        places += (0..<count).map { Place(clip: clip, variation: variation, patch: $0, draw: 0) }
      }
      own.append(total)
      starts.append(own)
      for start in stride(from: 0, to: places.count, by: 32) {
        let part = Array(places[start..<min(places.count, start + 32)])
        rows += try network.values(
          of: [boundary], at: [input: examples.batch(part, augmented: false).inputs])
        try control.part(variation, of: examples.variations, "hearing with the frozen layers").report(
          start + part.count, of: places.count)
      }
    }
    return StoredExamples(rows: Tensor(joining: rows), starts: starts)
  }
}

extension Node {
  /// Whether the node drops at random in training.
  fileprivate var isDropout: Bool { kind == "Dropout" }
}

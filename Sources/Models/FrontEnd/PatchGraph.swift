public import Audio
public import Graphs
import Tensors

/// The steps of a front end on each patch, written as a graph of operators, each with its gradient rule: before a
/// network's own graph it makes the picture that is explained the network's input.
///
/// Input `picture`, `[N, frames, channels · bands]` as ``FrontEnd/patches(of:)``; output `patch`, `[N, channels,
/// frames, bands]` as ``FrontEnd/inputs(of:)``. Where several values are the largest, they share its gradient.
public struct PatchGraph {
  public static let input: TensorName = "picture"
  public static let output: TensorName = "patch"

  private var nodes: [Node] = []
  private var constants: [TensorName: Tensor] = [:]
  private var last = PatchGraph.input
  private var extents: PatchExtents

  private init(_ extents: PatchExtents) { self.extents = extents }

  /// - Parameters:
  ///   - frames: of a patch; the front end's where none are given.
  ///   - channels: how many lie side by side in a picture.
  /// - Throws: `GraphError`.
  public static func graph(_ frontEnd: FrontEnd, frames: Int? = nil, channels: Int = 1) throws(GraphError)
    -> Graph
  {
    let cut = PatchExtents(
      channels: channels, frames: frames ?? frontEnd.patch.frames, bands: frontEnd.bandCount)
    var graph = PatchGraph(cut)
    graph.setChannelsApart()
    for step in frontEnd.patch.steps {
      graph.add(step)
      graph.extents = step.extents(of: graph.extents)
    }
    graph.add(Reshaping(.identity), named: output)
    return try Graph(
      name: "front end",
      inputs: [
        GraphInput(
          name: input,
          dimensions: [.symbolic("N"), .fixed(cut.frames), .fixed(channels * cut.bands)])
      ], nodes: graph.nodes, constants: graph.constants, outputs: [output])
  }

  /// Adds an operation on what the one before made, and on others.
  @discardableResult
  private mutating func add(
    _ operation: any Operator, of first: TensorName? = nil, _ others: TensorName...,
    named name: TensorName? = nil
  ) -> TensorName {
    let name = name ?? "\(nodes.count) \(operation.kind)"
    nodes.append(
      Node(name: name, operation: operation, inputs: [first ?? last] + others, outputs: [name]))
    last = name
    return name
  }

  /// Adds an operation beside a constant.
  private mutating func add(_ operation: any Operator, beside constant: Tensor) {
    let name = "\(nodes.count) constant"
    constants[name] = constant
    add(operation, of: nil, name)
  }

  private mutating func setChannelsApart() {
    guard extents.channels > 1 else {
      add(Reshaping(.unsqueeze(axes: [1])))
      return
    }
    add(Reshaping(.reshape(to: [-1, extents.frames, extents.channels, extents.bands], zeroKeeps: false)))
    add(SpectralSteps.transposed([0, 2, 1, 3]))
  }

  private mutating func add(_ step: PatchStep) {
    switch step {
    case .values(let step): add(step)
    case .resize(let frames, let bands, let mode):
      add(SpectralSteps.resized(to: [frames, bands], nearest: mode == .nearest))
    case .cut(let frames): add(Slice([Slice.Stretch(axis: 2, start: 0, end: frames, step: 1)]))
    case .flip(let axis):
      add(Slice([Slice.Stretch(axis: axis == .bands ? 3 : 2, start: -1, end: -Int(Int32.max), step: -1)]))
    case .copies(let count): add(Tiling(repeats: [1, count, 1, 1]))
    case .deltas(let deltas):
      let patch = last
      add(SpectralSteps.transposed([0, 1, 3, 2]))
      let turned = last
      var channels = [patch]
      for order in 1...deltas.orders {
        last = turned
        add(
          SpectralSteps.weightedSums, beside: deltas.matrix(order: order, frames: extents.frames).transposed)
        channels.append(add(SpectralSteps.transposed([0, 1, 3, 2])))
      }
      join(channels)
    case .colours(let colours):
      let patch = last
      join(
        colours.curves.map { curve in
          add(
            SpectralSteps.curve(
              { colours.value(of: $0, on: curve) }, slope: { colours.slope(at: $0, on: curve) }),
            of: patch)
        })
    case .channelStatistics(let mean, let deviation):
      let channels = mean.count
      add(SpectralSteps.difference, beside: Tensor([channels, 1, 1], mean.map { Float($0) }))
      add(SpectralSteps.product, beside: Tensor([channels, 1, 1], deviation.map { Float(1 / $0) }))
    }
  }

  /// Joins tensors along the axis of channels.
  private mutating func join(_ parts: [TensorName]) {
    let name = "\(nodes.count) Concat"
    nodes.append(
      Node(name: name, operation: Concatenation(axis: 1), inputs: parts, outputs: [name]))
    last = name
  }

  private mutating func add(_ step: PictureStep) {
    let patch = last
    switch step {
    case .affine(let scale, let shift):
      add(SpectralSteps.linear(scale: Float(scale), shift: Float(shift)))
    case .statistics(let mean, let deviation):
      add(SpectralSteps.difference, beside: Tensor([mean.count], mean.map { Float($0) }))
      add(SpectralSteps.product, beside: Tensor([deviation.count], deviation.map { Float(1 / $0) }))
    case .standardise(let standardisation): add(standardisation)
    case .subtractMaximum:
      add(Reduction(.maximum, axes: [1, 2, 3], keepsAxes: true))
      add(SpectralSteps.difference, of: patch, last)
    case .raiseToRange(let range):
      add(Reduction(.maximum, axes: [1, 2, 3], keepsAxes: true))
      add(SpectralSteps.linear(scale: 1, shift: Float(-range)))
      add(SpectralSteps.larger, of: patch, last)
    case .unitRange(let epsilon):
      let lowest = add(Reduction(.minimum, axes: [1, 2, 3], keepsAxes: true))
      let highest = add(Reduction(.maximum, axes: [1, 2, 3], keepsAxes: true), of: patch)
      add(SpectralSteps.difference, of: highest, lowest)
      add(SpectralSteps.linear(scale: 1, shift: Float(epsilon)))
      let width = add(SpectralSteps.raised(to: Self.least))
      let above = add(SpectralSteps.difference, of: patch, lowest)
      add(SpectralSteps.quotient, of: above, width)
    case .unitPeak:
      add(SpectralSteps.absolute)
      add(Reduction(.maximum, axes: [1, 2, 3], keepsAxes: true))
      let peak = add(SpectralSteps.raised(to: Self.least))
      add(SpectralSteps.quotient, of: patch, peak)
    case .clip(let lowest, let highest):
      add(SpectralSteps.clipped(from: Float(lowest), to: Float(highest)))
    case .cepstra(let cepstra):
      add(SpectralSteps.weightedSums, beside: cepstra.matrix(bands: extents.bands).transposed)
    }
  }

  /// What stands for 0 where it would divide.
  private static let least: Float = 1e-30

  private mutating func add(_ standardisation: PictureStep.Standardisation) {
    let patch = last
    let (axes, count) =
      switch standardisation.over {
      case .all: ([1, 2, 3], extents.channels * extents.frames * extents.bands)
      case .band: ([2], extents.frames)
      case .frame: ([3], extents.bands)
      }
    let mean = add(Reduction(.mean, axes: axes, keepsAxes: true))
    let centred = add(SpectralSteps.difference, of: patch, mean)
    guard standardisation.scales else {
      if !standardisation.centres { last = patch }
      return
    }
    add(SpectralSteps.square)
    add(Reduction(.mean, axes: axes, keepsAxes: true))
    let epsilon = Float(standardisation.epsilon)
    let correction = standardisation.isUnbiased ? Float(count) / Float(max(1, count - 1)) : 1
    let isInside = standardisation.guarding == .addedToVariance
    add(SpectralSteps.linear(scale: correction, shift: isInside ? epsilon : 0))
    add(SpectralSteps.raised(to: Self.least))
    add(SpectralSteps.squareRoot)
    switch standardisation.guarding {
    case .addedToDeviation: add(SpectralSteps.linear(scale: 1, shift: epsilon))
    case .addedToVariance: break
    case .least: add(SpectralSteps.raised(to: epsilon))
    }
    add(SpectralSteps.quotient, of: standardisation.centres ? centred : patch, last)
  }
}

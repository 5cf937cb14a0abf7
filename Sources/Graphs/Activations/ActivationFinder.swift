import OneDNN
import Tensors

/// Walks back from a tensor to the activation that makes its values probabilities.
///
/// | behind the activation | probabilities | logits |
/// |---|---|---|
/// | Identity, Reshape, Squeeze, Transpose, Flatten, …; casts between floats; dropouts | the same | the same moved |
/// | Slice, Gather, Split, Concat, Tile, Expand | the same | the same moved |
/// | a clip that keeps 0.01...0.99; QuantizeLinear with DequantizeLinear | the same | left out |
/// | one of two classes of a softmax | the same | the difference of both logits |
/// | maxima and minima | yes | of a sigmoid, the same of its logits; else none |
/// | means, products; a mean weighted by a softmax | yes | none |
/// | `1 − p` | yes | of a sigmoid, the negative |
/// | Log, Exp | logarithms, and back | the same |
struct ActivationFinder {
  typealias Activation = RevealedOutput.Activation

  /// What is known of a tensor.
  struct Finding {
    var activation: Activation
    /// As large as the tensor; nil where there is no such tensor.
    var logits: TensorName?
    /// What a softmax adds up over.
    var axis: Int?
    var isLogarithm = false
    /// Whether the values are whole numbers that stand for probabilities.
    var isQuantized = false

    var isProbability: Bool { !isLogarithm && !isQuantized }
  }

  let graph: Graph
  let shapes: [TensorName: Shape]
  /// Nodes that make logits.
  private(set) var added: [Node] = []

  private let producers: [TensorName: Node]
  private var names: Set<TensorName>
  private var known: [TensorName: Finding?] = [:]
  private var depth = 0

  /// A longer way from an activation to an output is not walked.
  private static let longestWay = 200
  /// What a clip may cut off at either end.
  private static let mostCut = 0.01

  init(_ graph: Graph, _ shapes: [TensorName: Shape]) {
    (self.graph, self.shapes) = (graph, shapes)
    producers = Dictionary(graph.nodes.flatMap { node in node.outputs.map { ($0, node) } }) { first, _ in
      first
    }
    names = Set(shapes.keys).union(graph.constants.keys)
  }

  /// What makes the values of `tensor` probabilities; nil where nothing known does.
  mutating func finding(of tensor: TensorName) -> Finding? {
    if let known = known[tensor] { return known }
    guard depth < Self.longestWay, let node = producers[tensor] else { return nil }
    depth += 1
    defer { depth -= 1 }
    let finding = spelled(tensor, node) ?? behind(node, tensor)
    known[tensor] = .some(finding)
    return finding
  }

  // MARK: - Looking

  func node(making tensor: TensorName) -> Node? { producers[tensor] }

  /// A constant of one element.
  func scalar(_ tensor: TensorName) -> Double? {
    guard let constant = graph.constants[tensor], constant.count == 1 else { return nil }
    return constant.values.first.map(Double.init)
  }

  // MARK: - Adding

  /// The result of a new node.
  mutating func add(_ operation: any Operator, _ inputs: [TensorName], like tensor: TensorName) -> TensorName
  {
    let result = fresh(tensor)
    added.append(Node(name: result, operation: operation, inputs: inputs, outputs: [result]))
    return result
  }

  /// What `node` makes of other operands, in place of `tensor`.
  private mutating func again(_ node: Node, _ inputs: [TensorName], for tensor: TensorName) -> TensorName {
    let outputs = node.outputs.map { $0.isEmpty ? "" : fresh($0) }
    added.append(Node(name: outputs[0], operation: node.operation, inputs: inputs, outputs: outputs))
    return outputs[node.outputs.firstIndex(of: tensor) ?? 0]
  }

  private mutating func fresh(_ tensor: TensorName) -> TensorName {
    var name = "\(tensor) (logits)"
    while !names.insert(name).inserted { name += "'" }
    return name
  }

  // MARK: - Behind an activation

  private mutating func behind(_ node: Node, _ tensor: TensorName) -> Finding? {
    switch node.operation {
    case is Concatenation: return joined(node, tensor)
    case let binary as Binary where node.inputs.allSatisfy({ scalar($0) == nil }):
      return together(binary, node, tensor)
    case is Pointwise where node.kind == "Where" && node.inputs.count == 3: return chosen(node, tensor)
    case let reduction as Reduction where reduction.function == .sum: return weighted(reduction, node)
    default: break
    }
    // A number may stand before it, as in 1 − p.
    guard let operand = node.inputs.first(where: { scalar($0) == nil }), var finding = finding(of: operand)
    else { return nil }
    if let moved = moved(finding, by: node, tensor) { return moved }
    switch node.operation {
    case let dropout as Dropout where node.operand(1) == nil || dropout.ratio == 0: return finding
    case let cast as Pointwise where cast.roundsOnly: return finding
    case is Quantization:
      guard finding.isProbability else { return nil }
      finding.isQuantized = true
      return finding
    case is Dequantization:
      guard finding.isQuantized else { return nil }
      finding.isQuantized = false
      return finding
    default: break
    }
    guard !finding.isQuantized else { return nil }
    switch node.operation {
    case let activation as Graphs.Activation: return changed(finding, by: activation.function, tensor)
    case let binary as Binary: return changed(finding, by: binary.function, node, tensor)
    case let reduction as Reduction: return reduced(finding, reduction, node, tensor)
    case let pooling as Pooling:
      switch pooling.reduction {
      case .maximum where tensor == node.outputs[0]: return extreme(finding, node, tensor, over: nil)
      case .average: return averaged(finding, over: nil)
      default: return nil
      }
    default: return nil
    }
  }

  private mutating func changed(_ finding: Finding, by function: Function, _ tensor: TensorName) -> Finding? {
    var finding = finding
    switch function {
    case .clip(let lowest, let highest):
      guard !finding.isLogarithm, Double(lowest) <= Self.mostCut, Double(highest) >= 1 - Self.mostCut else {
        return nil
      }
    case .relu: guard !finding.isLogarithm else { return nil }
    case .log:
      guard !finding.isLogarithm else { return nil }
      finding.isLogarithm = true
    case .exp:
      guard finding.isLogarithm else { return nil }
      finding.isLogarithm = false
    case .linear(let scale, let shift):
      return scaled(finding, by: Double(scale), plus: Double(shift), tensor)
    default: return nil
    }
    return finding
  }

  /// With a number on one side.
  private mutating func changed(
    _ finding: Finding, by function: BinaryFunction, _ node: Node, _ tensor: TensorName
  ) -> Finding? {
    switch function {
    case .maximum, .minimum:
      guard !finding.isLogarithm, let bound = node.inputs.compactMap(scalar).first else { return nil }
      return function == .maximum && bound <= Self.mostCut
        || function == .minimum && bound >= 1 - Self.mostCut
        ? finding : nil
    default:
      guard let step = affineStep(node) else { return nil }
      return scaled(finding, by: step.scale, plus: step.shift, tensor)
    }
  }

  /// `scale · p + shift`: nothing, as good as nothing (a small number put in before a logarithm), or `1 − p`.
  private mutating func scaled(
    _ finding: Finding, by scale: Double, plus shift: Double, _ tensor: TensorName
  ) -> Finding? {
    if scale == 1, abs(shift) <= 1e-6 { return finding }
    guard scale == -1, shift == 1, finding.activation == .sigmoid, !finding.isLogarithm else { return nil }
    var finding = finding
    finding.logits = finding.logits.map { add(Self.negation, [$0], like: tensor) }
    return finding
  }

  static var negation: any Operator { Graphs.Activation(.linear(scale: -1, shift: 0), kind: "Neg") }

  // MARK: - Several places in one

  private mutating func reduced(
    _ finding: Finding, _ reduction: Reduction, _ node: Node, _ tensor: TensorName
  ) -> Finding? {
    guard let places = try? shapes[node.inputs[0]]?.places(ofAxes: reduction.axes) else { return nil }
    var result: Finding?
    switch reduction.function {
    case .maximum, .minimum: result = extreme(finding, node, tensor, over: places)
    case .mean: result = averaged(finding, over: places)
    case .product:
      guard finding.isProbability else { return nil }
      result = Finding(activation: .sigmoid)
    default: return nil
    }
    if let axis = result?.axis, !reduction.keepsAxes { result?.axis = axis - places.count { $0 < axis } }
    return result
  }

  /// An extreme of a growing function is the function of the extreme; a softmax grows in none of its operands alone.
  private mutating func extreme(
    _ finding: Finding, _ node: Node, _ tensor: TensorName, over places: [Int]?
  ) -> Finding {
    var finding = finding
    switch finding.activation {
    case .sigmoid:
      finding.logits = finding.logits.map { again(node, [$0] + node.inputs.dropFirst(), for: tensor) }
    case .softmax:
      finding.logits = nil
      // Maxima over places add up to more than 1.
      finding.activation = .sigmoid
      finding.axis = nil
    }
    return finding
  }

  private func averaged(_ finding: Finding, over places: [Int]?) -> Finding? {
    guard !finding.isLogarithm else { return nil }
    // The mean over all classes of a softmax is a constant.
    if finding.activation == .softmax {
      guard let places, let axis = finding.axis, !places.contains(axis) else { return nil }
    }
    var finding = finding
    finding.logits = nil
    return finding
  }

  /// `Σ w · p` over an axis along which the weights are a softmax: a mean over frames that the network pays attention to.
  private mutating func weighted(_ reduction: Reduction, _ node: Node) -> Finding? {
    guard let product = producers[node.inputs[0]], (product.operation as? Binary)?.function == .multiply,
      let a = finding(of: product.inputs[0]), let b = finding(of: product.inputs[1]),
      a.isProbability, b.isProbability,
      shapes[product.inputs[0]] == shapes[product.inputs[1]],
      let places = try? shapes[node.inputs[0]]?.places(ofAxes: reduction.axes), places.count == 1,
      [a, b].contains(where: { $0.activation == .softmax && $0.axis == places[0] })
    else { return nil }
    return Finding(activation: .sigmoid)
  }

  // MARK: - Several tensors in one

  private mutating func together(_ binary: Binary, _ node: Node, _ tensor: TensorName) -> Finding? {
    guard let a = finding(of: node.inputs[0]), let b = finding(of: node.inputs[1]), !a.isQuantized,
      !b.isQuantized, a.isLogarithm == b.isLogarithm
    else { return nil }
    var finding = Finding(activation: .sigmoid, isLogarithm: a.isLogarithm)
    switch binary.function {
    case .multiply where !a.isLogarithm: return finding
    case .maximum, .minimum:
      if let x = a.logits, let y = b.logits, a.activation == .sigmoid, b.activation == .sigmoid {
        finding.logits = again(node, [x, y], for: tensor)
      }
      return finding
    default: return nil
    }
  }

  private mutating func joined(_ node: Node, _ tensor: TensorName) -> Finding? {
    var parts: [Finding] = []
    for input in node.inputs {
      guard let part = finding(of: input) else { return nil }
      parts.append(part)
    }
    guard var finding = parts.first,
      parts.allSatisfy({
        ($0.activation, $0.isLogarithm, $0.isQuantized)
          == (finding.activation, finding.isLogarithm, finding.isQuantized)
      })
    else { return nil }
    if parts.contains(where: { $0.axis != finding.axis }) { finding.axis = nil }
    let logits = parts.compactMap(\.logits)
    finding.logits = logits.count == parts.count ? again(node, logits, for: tensor) : nil
    return finding
  }

  /// Both ways of a `Where` give the same, as numerically careful sigmoids do.
  private mutating func chosen(_ node: Node, _ tensor: TensorName) -> Finding? {
    guard let a = finding(of: node.inputs[1]), let b = finding(of: node.inputs[2]),
      (a.activation, a.isLogarithm, a.isQuantized) == (b.activation, b.isLogarithm, b.isQuantized)
    else { return nil }
    var finding = a
    if a.axis != b.axis { finding.axis = nil }
    if a.logits != b.logits { finding.logits = nil }
    return finding
  }

  // MARK: - Elsewhere

  /// Elements moved, left out or repeated; nil where the node does something else.
  private mutating func moved(_ finding: Finding, by node: Node, _ tensor: TensorName) -> Finding? {
    guard let source = shapes[node.inputs[0]], let result = shapes[tensor] else { return nil }
    var finding = finding
    var choosesClasses = false
    switch node.operation {
    case let reshaping as Reshaping:
      if reshaping.form == .identity { return finding }
      finding.axis = finding.axis.flatMap { source.axis($0, in: result) }
    case let transposition as Transposition:
      let order = transposition.axes ?? source.dimensions.indices.reversed()
      finding.axis = finding.axis.flatMap(order.firstIndex(of:))
    case is Slice: choosesClasses = finding.axis.map { result[$0] < source[$0] } ?? false
    case is Splitting: choosesClasses = finding.axis.map { result[$0] < source[$0] } ?? false
    case is Expansion, is Tiling:
      finding.axis = finding.axis.map { $0 + result.rank - source.rank }
    case let gathering as Gathering:
      guard let indices = graph.constants[node.inputs[1]],
        let place = try? source.place(ofAxis: gathering.axis)
      else { return nil }
      choosesClasses = finding.axis == place && indices.count < source[place]
      finding.axis = finding.axis.flatMap { axis in
        axis == place
          ? (indices.shape.rank == 1 ? axis : nil)
          : axis < place ? axis : axis + indices.shape.rank - 1
      }
    case is AddressedGathering:
      guard node.inputs.count > 1, graph.constants[node.inputs[1]] != nil else { return nil }
      finding.axis = nil
    default: return nil
    }
    if choosesClasses, finding.activation == .softmax, let axis = self.axis(of: node), source[axis] == 2 {
      finding.logits = finding.logits.map { odds($0, axis, like: node.inputs[0]) }
      finding.activation = .sigmoid
      finding.axis = nil
    }
    finding.logits = finding.logits.map { again(node, [$0] + node.inputs.dropFirst(), for: tensor) }
    return finding
  }

  private func axis(of node: Node) -> Int? { known[node.inputs[0]]??.axis }

  /// `z − (z in reverse)`: a softmax of two classes is the sigmoid of it.
  private mutating func odds(_ logits: TensorName, _ axis: Int, like tensor: TensorName) -> TensorName {
    let reversed = add(
      Slice([.init(axis: axis, start: -1, end: -3, step: -1)]), [logits], like: tensor)
    return add(Binary(.subtract), [logits, reversed], like: tensor)
  }
}

extension Shape {
  /// Where `axis` lies in another shape of the same elements; nil where it is split or joined with others.
  fileprivate func axis(_ axis: Int, in other: Shape) -> Int? {
    let before = dimensions[..<axis].reduce(1, *)
    var passed = 1
    for (place, extent) in other.dimensions.enumerated() {
      if passed == before, extent == self[axis] { return place }
      passed *= extent
    }
    return nil
  }
}

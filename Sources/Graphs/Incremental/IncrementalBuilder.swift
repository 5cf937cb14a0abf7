import OneDNN
import Tensors

/// Follows the reach of a change along a route, and rewrites the nodes on the way.
struct IncrementalBuilder {
  private let route: Route
  private let head: Route.Head
  /// Of each tensor that is computed in part: what the change reaches, axis by axis.
  private var regions: [TensorName: [Region]] = [:]
  /// Behind the head, how far nodes can be computed in part.
  private var end: Int

  private(set) var unchanged: [TensorName] = []
  private(set) var positions: [IncrementalPlan.Positions] = []
  private var made: [Node] = []

  init(_ route: Route, head: Route.Head, changing: [Int]) {
    self.route = route
    self.head = head
    let extents = (route.shapes[head.tensor] ?? []).dimensions.dropFirst(2)
    regions[head.tensor] = zip(head.inputAxes, extents).map { axis, extent in
      Region(changing: min(max(1, changing[axis]), extent), of: extent)
    }
    end = head.position
    while end < route.nodes.count, let reached = reach(of: route.nodes[end]) {
      if let reached { regions[route.nodes[end].outputs[0]] = reached }
      end += 1
    }
  }

  /// How a node passes a change on.
  private enum Passage {
    case window(WindowGeometry, padding: Float)
    /// Place by place.
    case pointwise
  }

  private func passage(_ node: Node) -> Passage? {
    guard node.outputs.count == 1, let shape = node.inputs.first.flatMap({ route.shapes[$0] }) else {
      return nil
    }
    switch node.operation {
    case let convolution as Convolution:
      guard let (window, _) = try? convolution.window.geometry(over: shape),
        !node.inputs.dropFirst().contains(where: route.dependent.contains)
      else { return nil }
      return .window(window, padding: 0)
    case let pooling as Pooling:
      guard let declared = pooling.window, let (window, _) = try? declared.geometry(over: shape) else {
        return nil
      }
      switch pooling.reduction {
      case .maximum: return .window(window, padding: -.infinity)
      case .sum: return .window(window, padding: 0)
      case .average(let counts):
        // What a mean divides by at the border is left to the whole evaluation, unless it is the same everywhere.
        let isPadded = (window.padsBefore + window.padsAfter).contains { $0 != 0 }
        return isPadded && (!counts || declared.roundsUp) ? nil : .window(window, padding: 0)
      }
    default:
      guard let running = node.inputs.first(where: route.dependent.contains),
        node.operation.tail(of: node, behind: running) != nil
      else { return nil }
      let spatial = (route.shapes[node.outputs[0]]?.rank ?? 2) - 2
      let fits = node.inputs.allSatisfy { name in
        guard let operand = route.shapes[name] else { return name.isEmpty }
        // Constants must be the same at every place.
        return regions[name] != nil || operand.dimensions.suffix(spatial).allSatisfy { $0 == 1 }
      }
      return fits && route.shapes[node.outputs[0]] == route.shapes[running] ? .pointwise : nil
    }
  }

  /// What a change reaches of the result of `node`; `.some(nil)` if the node does not depend on the input, nil if it
  /// cannot be computed in part.
  private func reach(of node: Node) -> [Region]?? {
    guard node.inputs.contains(where: route.dependent.contains) else { return .some(nil) }
    let operands = node.inputs.filter(route.dependent.contains)
    let known = operands.compactMap { regions[$0] }
    guard known.count == operands.count, let first = known.first, let passage = passage(node) else {
      return nil
    }
    switch passage {
    case .window(let window, _):
      guard let output = route.shapes[node.outputs[0]], output.rank == first.count + 2 else { return nil }
      return first.indices.map { first[$0].through(window, axis: $0, output: output[$0 + 2]) }
    case .pointwise:
      return known.dropFirst().reduce(first) { zip($0, $1).map { $0.joined(with: $1) } }
    }
  }

  /// The node before which to go over to the whole evaluation, and the share of operations that is then left.
  func bestEnd() -> (position: Int, share: Double)? {
    let costs = route.nodes.map(route.cost)
    let whole = costs.reduce(0, +)
    var partial = costs[..<head.position].reduce(0, +)
    var rest = costs[head.position...].reduce(0, +)
    var best: (position: Int, share: Double)?
    for position in head.position..<end {
      let node = route.nodes[position]
      rest -= costs[position]
      if let output = regions[node.outputs[0]] {
        let share = output.reduce(1.0) { $0 * Double($1.count) / Double($1.extent) }
        partial += share * costs[position]
        if case .window(let window, _)? = passage(node), let shape = route.shapes[node.inputs[0]] {
          let read = output.indices.reduce(1.0) {
            $0 * Double(RegionSurroundings(of: output[$1], under: window, axis: $1).count)
          }
          partial += Route.costOfElement * read * Double(shape[1])
        }
      } else {
        partial += costs[position]
      }
      guard let tensor = route.bottlenecks[position + 1], regions[tensor] != nil else { continue }
      let completing = Route.costOfElement * Double(route.shapes[tensor]?.count ?? 0)
      let left = (partial + completing + rest) / max(1, whole)
      if left < best?.share ?? Self.worthwhile { best = (position + 1, left) }
    }
    return best
  }

  /// More than this share of the operations left is not worth the trouble.
  private static let worthwhile = 0.85

  /// The nodes that do it, going over to the whole evaluation before node `position`.
  mutating func nodes(upTo position: Int) throws(GraphError) -> [Node] {
    made = Array(route.nodes[..<head.position])
    guard let changed = regions[head.tensor] else { return route.nodes }
    assemble(
      head.tensor, changed.map { RegionSurroundings($0) }, padding: 0, from: head.tensor,
      as: partName(head.tensor))
    for node in route.nodes[head.position..<position] { rewrite(node) }
    if let tensor = route.bottlenecks[position], let reached = regions[tensor] {
      made.removeAll { $0.outputs == [tensor] }
      assemble(tensor, reached.map(RegionSurroundings.init(whole:)), padding: 0, as: tensor)
    }
    return made + route.nodes[position...]
  }

  private func partName(_ tensor: TensorName) -> TensorName { "part(\(tensor))" }

  private mutating func rewrite(_ node: Node) {
    let result = node.outputs[0]
    guard let output = regions[result], let passage = passage(node) else { return made.append(node) }
    switch passage {
    case .window(let window, let padding):
      let source = node.inputs[0]
      let surroundings = output.indices.map { RegionSurroundings(of: output[$0], under: window, axis: $0) }
      let read = assemble(source, surroundings, padding: padding, as: "surroundings(\(result))")
      made.append(
        Node(
          name: node.name, operation: withoutPadding(node.operation, window),
          inputs: [read] + node.inputs.dropFirst(), outputs: [partName(result)]))
    case .pointwise:
      let operands = node.inputs.enumerated().map { index, name -> TensorName in
        guard let region = regions[name] else { return name }
        guard region != output else { return partName(name) }
        return assemble(
          name, output.map { RegionSurroundings($0) }, padding: 0, as: "operand \(index) of \(result)")
      }
      made.append(
        Node(name: node.name, operation: node.operation, inputs: operands, outputs: [partName(result)]))
    }
  }

  /// The same operation on maps that already have their padding.
  private func withoutPadding(_ operation: any Operator, _ window: WindowGeometry) -> any Operator {
    let zeros = window.kernel.map { _ in 0 }
    let bare = Window(
      kernel: window.kernel, strides: window.strides, dilations: window.dilations,
      padding: .explicit(before: zeros, after: zeros))
    if var convolution = operation as? Convolution {
      convolution.window = bare
      return convolution
    }
    if let pooling = operation as? Pooling { return Pooling(pooling.reduction, window: bare) }
    return operation
  }

  /// Adds a node that puts together stretches of `tensor`: what the known input gives there, the changed part over it.
  @discardableResult
  private mutating func assemble(
    _ tensor: TensorName, _ stretches: [RegionSurroundings], padding: Float, from rows: TensorName? = nil,
    as name: TensorName
  ) -> TensorName {
    let patches = rows == nil ? [partName(tensor)] : []
    let maps = rows ?? IncrementalPlan.unchangedName(tensor)
    if rows == nil, !unchanged.contains(tensor) { unchanged.append(tensor) }
    let place = IncrementalPlan.Positions(
      name: "positions of \(name)", inputAxes: head.inputAxes, starts: stretches.map(\.starts),
      patchStarts: (regions[tensor] ?? []).map(\.starts))
    positions.append(place)
    made.append(
      Node(
        name: name, operation: RegionAssembly(extents: stretches.map(\.count), padding: padding),
        inputs: [maps, place.name] + patches, outputs: [name]))
    return name
  }
}

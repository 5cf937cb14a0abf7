package import Tensors

/// What a graph makes of its rows, for rows of given shapes: along which axis of each tensor they run, and which tensors
/// surely hold each row's own results.
///
/// The shapes of all tensors are inferred for one, two and three rows. Rows run along the axis that grows with them.
/// Extents that happen to agree tell nothing. A tensor has its rows apart if it is made, by operations that work row by
/// row, of tensors that have; where that cannot be told from the graph, `Network` compares two rows' values.
package struct RowSurvey: Sendable {
  /// The shapes of all tensors in the file, for as many rows as one run holds.
  package let fileShapes: [TensorName: Shape]
  /// Elements of the largest tensor that is computed, for each row.
  let largestRow: Int
  /// Multiplications and elements of all tensors that are computed, for each row.
  let workOfRow: Int
  private let axes: [TensorName: Int?]
  /// Tensors that have one place for each row.
  private let rowed: Set<TensorName>
  private let proof: RowProof

  /// - Parameter oneRow: the shapes of the inputs in the file, for as many rows as one run holds.
  init(_ evaluator: Evaluator, _ layout: RowLayout, oneRow: [TensorName: Shape]) throws {
    let graph = evaluator.graph
    var capacity = 1
    if case .exactly(let rows) = layout.capacity { capacity = rows }
    fileShapes = try evaluator.shapes(at: oneRow)
    var found: [TensorName: Int?] = layout.axes
    var rowed: Set<TensorName> = []
    var proof = RowProof()
    let more = layout.capacity == .any ? Self.shapes(evaluator, layout, oneRow, multiples: [2, 3]) : nil
    if let more {
      for (name, shape) in fileShapes where graph.constants[name] == nil {
        guard let axis = Self.growingAxis([shape] + more.map { $0[name] }), shape[axis] == 1,
          found[name] == nil || found[name] == .some(axis)
        else { continue }
        rowed.insert(name)
        found[name] = .some(axis)
      }
      proof = try RowProof(evaluator, layout, oneRow, [fileShapes] + more)
    }
    (self.rowed, self.proof) = (rowed, proof)
    largestRow =
      fileShapes.reduce(1) { graph.constants[$1.key] == nil ? max($0, $1.value.count) : $0 }
      / max(1, capacity)
    workOfRow =
      try evaluator.resolved(for: oneRow).nodes.reduce(0) { [fileShapes] work, node in
        node.outputs.reduce(work &+ node.multiplyAccumulates(fileShapes)) {
          $0 &+ (fileShapes[$1]?.count ?? 0)
        }
      } / max(1, capacity)
    let longer = capacity == 1 && more == nil ? Self.longerShapes(evaluator, layout, oneRow) : nil
    for (name, shape) in fileShapes where found[name] == nil {
      found[name] = .some(Self.standingAxis(shape, capacity, longer?[name]))
    }
    axes = found
  }

  /// The axis of the file's tensor along which rows run; nil where it is one row.
  package func axis(of tensor: TensorName) -> Int? { axes[tensor] ?? nil }

  /// Whether each row of `tensor` surely is made of one row of the inputs alone, and has a place of its own.
  func isApart(_ tensor: TensorName) -> Bool { rowed.contains(tensor) && proof.apart.contains(tensor) }

  /// Whether rows of `tensor` have no places of their own, or surely are made of several rows of the inputs.
  func isMixed(_ tensor: TensorName) -> Bool { !rowed.contains(tensor) || proof.mixed.contains(tensor) }

  /// The shape of one row of `tensor`.
  package func row(of tensor: TensorName) -> [Int]? {
    guard var extents = fileShapes[tensor]?.dimensions else { return nil }
    if let axis = axis(of: tensor), axis < extents.count { extents.remove(at: axis) }
    return extents
  }

  /// The shapes of all tensors for several numbers of rows; nil where the graph does not take them.
  private static func shapes(
    _ evaluator: Evaluator, _ layout: RowLayout, _ oneRow: [TensorName: Shape], multiples: [Int]
  ) -> [[TensorName: Shape]]? {
    var result: [[TensorName: Shape]] = []
    for multiple in multiples {
      guard let shapes = try? evaluator.shapes(at: grown(oneRow, layout, evaluator.graph, by: multiple))
      else {
        return nil
      }
      result.append(shapes)
    }
    return result
  }

  /// The inputs' shapes for more rows; those of which the file fixes the extent stay as they are.
  static func grown(_ shapes: [TensorName: Shape], _ layout: RowLayout, _ graph: Graph, by factor: Int)
    -> [TensorName: Shape]
  {
    var result = shapes
    for input in graph.inputs {
      guard let axis = layout.axes[input.name] ?? nil, layout.grows(input), var shape = shapes[input.name],
        axis < shape.rank
      else { continue }
      shape[axis] *= factor
      result[input.name] = shape
    }
    return result
  }

  /// The only axis whose extent is once, twice and three times as large for one, two and three rows.
  static func growingAxis(_ shapes: [Shape?]) -> Int? {
    let shapes = shapes.compactMap(\.self)
    guard shapes.count == 3, Set(shapes.map(\.rank)).count == 1 else { return nil }
    let (one, two, three) = (shapes[0], shapes[1], shapes[2])
    let changing = one.dimensions.indices.filter { one[$0] != two[$0] || one[$0] != three[$0] }
    guard changing.count == 1, two[changing[0]] == 2 * one[changing[0]],
      three[changing[0]] == 3 * one[changing[0]], one[changing[0]] > 0
    else { return nil }
    return changing[0]
  }

  /// Where a graph of a fixed number of rows has them: the first axis of that extent. For one row only the first axis, if
  /// it is 1 for longer inputs, too.
  private static func standingAxis(_ shape: Shape, _ rows: Int, _ longer: Shape?) -> Int? {
    guard rows == 1 else { return shape.dimensions.firstIndex(of: rows) }
    guard shape.dimensions.first == 1, longer.map({ $0.dimensions.first == 1 }) ?? true else { return nil }
    return 0
  }

  /// All shapes for inputs that are longer where the file leaves an extent open; nil where there is none.
  private static func longerShapes(
    _ evaluator: Evaluator, _ layout: RowLayout, _ oneRow: [TensorName: Shape]
  ) -> [TensorName: Shape]? {
    var longer = oneRow
    for input in evaluator.graph.inputs {
      for (axis, dimension) in (input.dimensions ?? []).enumerated() {
        guard case .symbolic = dimension, axis != layout.axes[input.name] ?? nil else { continue }
        longer[input.name]?[axis] *= 4
      }
    }
    return longer == oneRow ? nil : try? evaluator.shapes(at: longer)
  }
}

extension RowLayout {
  /// Whether the file leaves the number of rows of `input` open.
  func grows(_ input: GraphInput) -> Bool {
    guard let axis = axes[input.name] ?? nil else { return false }
    guard let dimensions = input.dimensions, axis < dimensions.count else { return true }
    if case .symbolic = dimensions[axis] { return true }
    return false
  }
}

package import Explain
import Files
import Graphs
import Models
import Probe
package import Reports
import Tensors

/// Seeks the arrays that excite something in a network most: for networks of several inputs, and those without a front end.
package struct ArrayMaximizeJob: Sendable {
  package let request: MaximizeRequest
  package let units: [SoughtUnit]
  private let maximization: ArrayMaximization
  private let excitation: Excitation

  package init(_ request: MaximizeRequest, in workspace: Workspace) throws {
    self.request = request
    if case .sound = request.start {
      throw Misuse("--from takes noise or silence where the inputs are arrays")
    }
    var network = try workspace.network(request.model.name)
    let names = network.graph.inputs.map(\.name)
    if let other = request.settings.lambdas.keys.sorted().first(where: { !names.contains($0) }) {
      throw GraphError.unknownTensor(other, nearest: names)
    }
    let shapes = try InputShapes(request.shapes.mapValues { Shape($0) }).of(network.graph, rows: network.rows)
    var rows: [TensorName: [Int]] = [:]
    for (name, shape) in shapes {
      var extents = shape.dimensions
      if let axis = network.rows.axes[name] ?? nil, axis < extents.count { extents.remove(at: axis) }
      rows[name] = extents
    }
    let rowShapes = rows.mapValues { Shape([1] + $0) }
    let tensor: TensorName
    if let layer = request.layer ?? request.model.output {
      tensor = try network.graph.tensor(named: layer)
    } else {
      (network, tensor) = try network.revealingLogits(of: network.graph.outputs[0], at: rowShapes)
    }
    let row = Array(try network.shape(of: tensor, at: rowShapes).dimensions.dropFirst())
    if request.layer == nil {
      let indices = try request.targets.flatMap { try Self.numbers($0) }
      excitation = try .elements(indices, of: tensor, row: row)
      units = indices.map { SoughtUnit(.class, of: tensor, index: $0, label: "element \($0) of \(tensor)") }
    } else if let channels = request.channels {
      let indices = try channels.indices(of: tensor, channels: row.first ?? 1)
      excitation = try .channels(indices, of: tensor, row: row)
      units = indices.map { SoughtUnit(.channel, of: tensor, index: $0, label: "channel \($0) of \(tensor)") }
    } else {
      excitation = Excitation(tensor, [.energy])
      units = [SoughtUnit(.layer, of: tensor, index: nil, label: tensor)]
    }
    maximization = ArrayMaximization(network, rows: rows, settings: request.settings)
  }

  private static func numbers(_ text: String) throws -> [Int] {
    try text.split(separator: ",").map { part in
      guard let number = Int(part.filter { $0 != " " }) else {
        throw Misuse("--target \(text): where the inputs are arrays, give the numbers of elements")
      }
      return number
    }
  }

  /// - Throws: `Cancelled`; `GraphError`; what `emit` throws.
  package func run(control: RunControl = RunControl(), emit: (MaximizedArrays) throws -> Void) throws {
    let answers = request.settings.answers
    let atOnce = max(1, 32 / answers)
    let names = MaximizedFiles(units, answers: answers)
    let batches = stride(from: 0, to: units.count, by: atOnce).map { $0..<min($0 + atOnce, units.count) }
    for (number, batch) in batches.enumerated() {
      let found = try maximization.run(
        Excitation(excitation.tensor, Array(excitation.measures[batch])),
        fromZeros: request.start == .silence,
        control: control.part(number, of: batches.count))
      for (place, answer) in found.enumerated() {
        let index = batch.lowerBound + place / answers
        try emit(
          MaximizedArrays(
            units[index], answer: place % answers, answer, model: Folder.name(of: request.model.name),
            request.settings, from: request.start == .silence ? "silence" : "noise",
            base: names.base(of: index, answer: place % answers)))
      }
    }
  }
}

import SwiftProtobuf
import Tensors

extension Reading {
  /// ONNX `Scan`: the body once for each place along an axis of its inputs, one after another. It takes the states and a
  /// slice of each input, and gives the states and one slice of each result.
  mutating func addScan(_ node: ONNXNode, _ scope: Scope) throws {
    guard node.opset >= 9 else { throw node.unsupported("the form before opset 9; export with a later one") }
    guard let body = node.graph("body"), let inputCount = node.optionalInteger("num_scan_inputs"),
      inputCount > 0, inputCount <= node.inputs.count, body.input.count == node.inputs.count
    else { throw node.unsupported("it has no body, or one that does not take its operands") }
    let stateCount = node.inputs.count - inputCount
    let resultCount = body.output.count - stateCount
    guard resultCount >= 0, node.outputs.count <= body.output.count else {
      throw node.unsupported("its body gives \(body.output.count) values for \(stateCount) states")
    }
    func numbers(_ attribute: String, _ count: Int) throws(ONNXError) -> [Int] {
      let numbers = node.optionalIntegers(attribute) ?? [Int](repeating: 0, count: count)
      guard numbers.count == count else { throw node.unsupported("\(attribute) = \(numbers)") }
      return numbers
    }
    let axes = try numbers("scan_input_axes", inputCount)
    let directions = try numbers("scan_input_directions", inputCount)
    let resultAxes = try numbers("scan_output_axes", resultCount)
    let resultDirections = try numbers("scan_output_directions", resultCount)
    let places = try (0..<inputCount).map { index in
      let shape = try node.knownShape(stateCount + index)
      return try node.placing { try shape.place(ofAxis: axes[index]) }
    }
    let lengths = try (0..<inputCount).map { try node.knownShape(stateCount + $0)[places[$0]] }
    guard Set(lengths).count == 1, let length = lengths.first else {
      throw node.unsupported("its inputs have \(lengths) places to go along")
    }
    var states = Array(node.inputs[..<stateCount])
    var rows = [[TensorName]](repeating: [], count: resultCount)
    for turn in 0..<length {
      try count(node)
      var inner = scope.entering(body, as: "\(node.prefix)\(turn)/")
      for (input, state) in zip(body.input, states) { inner.renamed[input.name] = state }
      for index in 0..<inputCount {
        let input = body.input[stateCount + index].name
        let (slice, place) = (inner.prefix + input, "\(inner.prefix)place \(index)")
        inner.renamed[input] = slice
        let turn = directions[index] == 0 ? turn : length - 1 - turn
        try add(constant: .init([turn], []), named: place)
        try add(
          "Gather", [node.inputs[stateCount + index], place], slice,
          ["axis": .with { $0.i = Int64(places[index]) }])
      }
      let results = try add(body, inner, for: node)
      states = Array(results[..<stateCount])
      for (index, row) in results[stateCount...].enumerated() { rows[index].append(row) }
    }
    for (place, name) in node.outputs.enumerated() where !name.isEmpty {
      guard place >= stateCount else {
        try alias(name, of: states[place], for: node)
        continue
      }
      let index = place - stateCount
      try collect(
        resultDirections[index] == 0 ? rows[index] : rows[index].reversed(), as: name,
        of: body.output[place], axis: resultAxes[index], for: node)
    }
  }
}

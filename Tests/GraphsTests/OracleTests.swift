import Graphs
import Tensors
import TestSupport
import Testing

/// Every operator against ONNX Runtime, at random attributes, shapes and opsets; gradients against central differences.
struct OracleTests {
  @Test("there are cases, and an operator for each")
  func cases() throws {
    let cases = try OracleArchive.shared.get().cases
    #expect(cases.count >= 2800)
    #expect(Set(OracleArchive.operators).subtracting(ONNXModel.operators).sorted() == [])
  }

  @Test("results are ONNX Runtime's", arguments: OracleArchive.operators)
  func values(of kind: String) throws {
    for example in try OracleArchive.cases(of: kind) { example.report { try example.compareValues() } }
  }

  @Test("gradients are those of central differences", arguments: OracleArchive.operators)
  func gradients(of kind: String) throws {
    for example in try OracleArchive.cases(of: kind) { example.report { try example.compareGradients() } }
  }
}

extension OracleCase {
  /// Records each of the complaints of `compare`, or the error it throws, under the name of the case.
  func report(_ compare: () throws -> [String]) {
    do {
      for complaint in try compare() { Issue.record("\(self)\n  \(complaint)") }
    } catch { Issue.record("\(self)\n  \(error)") }
  }

  private func network() throws -> Evaluator {
    Evaluator(try ONNXModel(model, from: kind).graph, threads: 1)
  }

  /// What is wrong with the results: nothing, or a line for each.
  func compareValues() throws -> [String] {
    let values = try network().values(of: outputs.map(\.name), at: inputs)
    let largest = inputs.values.flatMap(\.values).lazy.map { abs(Double($0)) }.filter(\.isFinite).max() ?? 0
    return zip(outputs, values).compactMap { expected, value in
      // Float32 in another order of additions, and approximations of the transcendental functions.
      difference(
        value, expected.value, tolerance: expected.isWhole ? 0 : 1e-4,
        rounding: expected.isWhole ? 0 : 8 * Rounding.unit * largest
      )
      .map { "\(expected.name) \($0)" }
    }
  }

  /// What is wrong with the gradients. Where no path leads from an output to an input, the derivative is zero.
  func compareGradients() throws -> [String] {
    let network = try network()
    var complaints: [String] = []
    for output in outputs {
      guard let seed = output.seed else { continue }
      for expected in gradients where expected.output == output.name {
        let gradient: Tensor
        do {
          gradient = try network.gradients(
            of: output.name, seed: seed, withRespectTo: [expected.input], at: inputs
          ).gradients[0]
        } catch GraphError.independent { gradient = Tensor(expected.value.shape) }
        // As far as float32 goes through a forward and a backward pass.
        if let complaint = difference(gradient, expected.value, tolerance: 1e-3) {
          complaints.append("∂\(output.name)/∂\(expected.input) \(complaint)")
        }
      }
    }
    return complaints
  }
}

/// How `value` differs from `expected`; nil if it does not, relative to the whole and to each element. Elements smaller
/// than their mean (root mean square) may be as far off as that one: they can be what is left when large numbers cancel.
/// So can all of a result: `rounding` is what a few operations on the largest operand lose.
private func difference(
  _ value: Tensor, _ expected: Tensor, tolerance: Double, rounding: Double = 0
) -> String? {
  guard value.shape == expected.shape else { return "has shape \(value.shape), not \(expected.shape)" }
  let (ours, theirs) = (value.values.map(Double.init), expected.values.map(Double.init))
  let squares = theirs.reduce(0) { $0 + $1 * $1 }
  let scale = max((squares / Double(max(theirs.count, 1))).squareRoot(), 1e-4)
  var (total, worst) = (0.0, 0)
  for (place, (x, y)) in zip(ours, theirs).enumerated() {
    total += (x - y) * (x - y)
    // Not a number is never near enough.
    guard abs(x - y) <= max(tolerance * max(abs(y), scale), rounding) else {
      worst = place
      let shown = { (list: [Double]) in list.prefix(6).map { "\(Float($0))" }.joined(separator: " ") }
      return "is \(x), not \(y) at element \(worst) of \(expected.shape); "
        + "ours \(shown(ours)), theirs \(shown(theirs))"
    }
  }
  let allowed = rounding * rounding * Double(theirs.count)
  let error = total <= allowed ? 0 : (total / max(squares, 1e-8)).squareRoot()
  return error <= tolerance ? nil : "is relatively \(error) off"
}

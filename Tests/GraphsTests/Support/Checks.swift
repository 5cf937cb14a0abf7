import Graphs
import Tensors
import TestSupport
import Testing

extension SplitMix64 {
  /// Uniform numbers: smooth enough for a derivative, and never near a kink by more than bad luck.
  mutating func tensor(_ shape: Shape, in range: ClosedRange<Float> = -1...1) -> Tensor {
    Tensor(shape, (0..<shape.count).map { _ in Float.random(in: range, using: &self) })
  }
}

extension ToyNetwork {
  /// Values for every input, `rows` rows each.
  func sample(rows: Int, in range: ClosedRange<Float> = -1...1, seed: UInt64 = 1) -> [TensorName: Tensor] {
    var generator = SplitMix64(seed: seed)
    var values: [TensorName: Tensor] = [:]
    for input in inputs {
      values[input.name] = generator.tensor(Shape(input.dimensions.map { $0 ?? rows }), in: range)
    }
    return values
  }
}

/// Compares what a network computes with the naive loops: its last result alone, where everything that can be fused
/// is, and then every tensor, where nothing is.
///
/// 1e-5 of the largest value is some tens of float32 roundings: sums here have at most a few hundred terms.
func expectNaive(
  _ toy: ToyNetwork, rows: Int = 3, in range: ClosedRange<Float> = -1...1, tolerance: Double = 1e-5,
  seed: UInt64 = 1, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let inputs = toy.sample(rows: rows, in: range, seed: seed)
  let oracle = naive(toy, at: inputs.mapValues { Values($0) })
  let network = try toy.network()
  let all = toy.operations.map(\.output)
  for wanted in [[toy.result], all] {
    for (name, value) in zip(wanted, try network.values(of: wanted, at: inputs)) {
      let expected = try #require(oracle[name])
      #expect(value.shape == expected.shape, "\(name)", sourceLocation: sourceLocation)
      #expect(
        distance(value, expected) < tolerance, "\(name), of \(wanted.count) wanted",
        sourceLocation: sourceLocation)
    }
  }
}

/// Compares gradients with central differences of the naive loops, at a dozen places and in four random directions,
/// which each place takes part in.
///
/// The differences are taken in double precision: no step has to be traded against float32's rounding, and 1e-6 is far
/// smaller than the distance to any kink. The score is the sum of the result's elements times random numbers. The
/// tolerance is that of float32 sums.
func expectDifferences(
  _ toy: ToyNetwork, withRespectTo wanted: [TensorName]? = nil, rows: Int = 2,
  in range: ClosedRange<Float> = -1...1, tolerance: Double = 2e-5, seed: UInt64 = 1,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let inputs = toy.sample(rows: rows, in: range, seed: seed)
  let values = naive(toy, at: inputs.mapValues { Values($0) })
  let result = try #require(values[toy.result])
  var generator = SplitMix64(seed: seed &+ 1)
  let weights = generator.tensor(result.shape)
  let wanted = wanted ?? toy.inputs.map(\.name)
  let gradients = try toy.network()
    .gradients(of: toy.result, seed: weights, withRespectTo: wanted, at: inputs).gradients
  for (name, gradient) in zip(wanted, gradients) {
    let at = try #require(values[name])
    #expect(gradient.shape == at.shape, sourceLocation: sourceLocation)
    let exact = gradient.values.map(Double.init)
    var directions = (0..<12).map { _ in
      let place = Int.random(in: 0..<exact.count, using: &generator)
      return exact.indices.map { $0 == place ? 1.0 : 0 }
    }
    directions += (0..<4).map { _ in generator.tensor(at.shape).values.map(Double.init) }
    let length = exact.reduce(0) { $0 + $1 * $1 }.squareRoot()
    for direction in directions {
      let sides = [-1e-6, 1e-6].map { step in
        let moved = Values(at.shape, zip(at.elements, direction).map { $0 + step * $1 })
        return toy.score(weights, replacing: name, by: moved, in: values)
      }
      let difference = (sides[1] - sides[0]) / 2e-6
      let derivative = zip(exact, direction).reduce(0) { $0 + $1.0 * $1.1 }
      let error = abs(difference - derivative) / max(length, 1e-3)
      #expect(error < tolerance, "∂\(toy.result)/∂\(name)", sourceLocation: sourceLocation)
    }
  }
}

extension ToyNetwork {
  /// `Σ weights · result`, with the tensor `name` replaced and everything behind it computed anew.
  fileprivate func score(
    _ weights: Tensor, replacing name: TensorName, by value: Values, in values: [TensorName: Values]
  ) -> Double {
    var rest = self
    rest.operations.removeAll { $0.output == name }
    var inputs = values.filter { name, _ in self.inputs.contains { $0.name == name } }
    inputs[name] = value
    let result = naive(rest, at: inputs)[self.result] ?? value
    return zip(result.elements, weights.values).reduce(0) { $0 + $1.0 * Double($1.1) }
  }
}

/// Expects `body` to fail with an error that says `message`.
func expectError(
  _ message: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("no error", sourceLocation: sourceLocation)
  } catch {
    #expect("\(error)" == message, sourceLocation: sourceLocation)
  }
}

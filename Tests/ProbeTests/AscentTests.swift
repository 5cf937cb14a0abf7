import Explain
import Graphs
import Probe
import TestSupport
import Tensors
import Testing

/// Gradient ascent on networks whose best inputs are known.
@Suite struct AscentTests {
  private static let weights: [Float] = (0..<12).map { Float($0 * 37 % 19 - 9) / 10 }

  private func plain(steps: Int = 400) -> Ascent.Settings {
    var settings = Ascent.Settings()
    settings.steps = steps
    settings.rate = 0.5
    settings.isPlain = true
    settings.leakySteps = nil
    return settings
  }

  @Test("The maximizer of w·x − λ|x|² is w / 2λ", arguments: [0.1 as Float, 0.5])
  func closedForm(lambda: Float) throws {
    var x = canvas(row: [3, 4])
    x.regularizers = [.init(SquaredNorm(), weight: lambda)]
    let ascent = Ascent(
      try linear(Self.weights), Excitation("score", [.sum([(0, 1)])]), [x], settings: plain())
    let result = try ascent.run()
    let known = Self.weights.map { $0 / (2 * lambda) }
    // The rate goes to nothing linearly; Adam circles about the optimum within some hundredths of a step.
    #expect(relativeError(result.pictures[0].values, known) < 0.01)
    #expect(result.endings == [.finished])
    #expect(result.curves[0].count == 400)
    #expect(abs(result.last[0] - Double(zip(known, Self.weights).reduce(0) { $0 + $1.0 * $1.1 })) < 0.1)
  }

  @Test("Two inputs are maximized together, each with its own λ")
  func twoInputs() throws {
    var file = HandmadeONNX(input: "left", ["N", 4])
    file.inputs.append(("right", ["N", 6]))
    file.add("MatMul", ["left"], "a", weights: [Tensor([4, 1], Self.weights[..<4])])
    file.add("MatMul", ["right"], "b", weights: [Tensor([6, 1], Self.weights[4..<10])])
    file.add("Add", ["a", "b"], "score")
    var (left, right) = (canvas("left", row: [4]), canvas("right", row: [6]))
    left.regularizers = [.init(SquaredNorm(), weight: 0.1)]
    right.regularizers = [.init(SquaredNorm(), weight: 0.4)]
    let result = try Ascent(
      try network(file), Excitation("score", [.sum([(0, 1)])]), [left, right], settings: plain()
    ).run()
    #expect(relativeError(result.pictures[0].values, Self.weights[..<4].map { $0 / 0.2 }) < 0.01)
    #expect(relativeError(result.pictures[1].values, Self.weights[4..<10].map { $0 / 0.8 }) < 0.01)
  }

  @Test("A channel's mean grows along the kernel of a convolution; each row seeks its own")
  func channels() throws {
    var file = HandmadeONNX(input: "x", ["N", 1, 6, 4])
    let kernels = Tensor([2, 1, 2, 2], [1, 0, 0, 0, 0, 0, 0, -1])
    file.add("Conv", ["x"], "map", weights: [kernels], ["kernel_shape": [2, 2]])
    let excitation = try Excitation.channels([0, 1], of: "map", row: [2, 5, 3])
    var x = canvas(row: [1, 6, 4], rows: 2)
    x.regularizers = [.init(SquaredNorm(), weight: 0.5)]
    let found = try Ascent(try network(file), excitation, [x], settings: plain()).run().pictures[0]
    // A value of the kernel's top left place sees the first 5 frames and 3 bands; of its bottom right the last ones.
    for frame in 0..<6 {
      for band in 0..<4 {
        let first = frame < 5 && band < 3 ? 1 / Float(15) : 0
        let last = frame > 0 && band > 0 ? -1 / Float(15) : 0
        #expect(abs(found[0, frame, band] - first) < 2e-3)
        #expect(abs(found[1, frame, band] - last) < 2e-3)
      }
    }
  }

  @Test("A closed ReLU lets so much of a gradient through as a student's loop says")
  func leakyRule() throws {
    var file = HandmadeONNX(input: "x", ["N", 3])
    let (a, b) = (numbers([3, 5]), numbers([5, 1], seed: 8))
    file.add("MatMul", ["x"], "hidden", weights: [a])
    file.add("Relu", ["hidden"], "open")
    file.add("MatMul", ["open"], "score", weights: [b])
    let network = try network(file)
    let x = numbers([1, 3], seed: 4)
    let found = try network.gradients(
      of: "score", seed: Tensor([1, 1], [1]), withRespectTo: ["x"], rule: .leaky(0.3), at: ["x": x]
    ).gradients[0]
    for i in 0..<3 {
      var slope: Float = 0
      for j in 0..<5 {
        let hidden = (0..<3).reduce(Float(0)) { $0 + x[0, $1] * a[$1, j] }
        slope += b[j, 0] * (hidden > 0 ? 1 : 0.3) * a[i, j]
      }
      #expect(abs(found[0, i] - slope) < 1e-5)
    }
  }

  @Test("The same seed gives the same pictures, another one others")
  func determinism() throws {
    func picture(_ seed: UInt64) throws -> Tensor {
      var settings = Ascent.Settings()
      settings.steps = 12
      settings.jitter = 2
      settings.seed = seed
      var x = canvas(row: [3, 4], start: numbers([1, 3, 4]))
      x.range = -2...2
      x.basis = .waves(decay: 1)
      return try Ascent(
        try linear(Self.weights), Excitation("score", [.sum([(0, 1)])]), [x], settings: settings
      ).run().pictures[0]
    }
    let first = try picture(1)
    #expect(try picture(1) == first)
    #expect(try picture(2) != first)
    #expect(first.values.allSatisfy { (-2...2).contains($0) })
  }

  @Test("Pictures are moved along time and never along frequency")
  func jitterInTime() throws {
    // Bands have weights of their own, the same at all times: what is moved along time scores the same.
    let weights = (0..<12).map { Float($0 % 4 + 1) }
    var settings = Ascent.Settings()
    (settings.steps, settings.jitter, settings.isPlain, settings.rate) = (30, 2, true, 0.01)
    let start = numbers([1, 3, 4])
    let x = canvas(row: [3, 4], start: start)
    let result = try Ascent(
      try linear(weights), Excitation("score", [.sum([(0, 1)])]), [x], settings: settings
    ).run()
    #expect(abs(result.curves[0][0] - result.first[0]) < 1e-5)
    let change = result.pictures[0].values.enumerated().map { $0.element - start.values[$0.offset] }
    for frame in 0..<3 { for band in 0..<4 { #expect(abs(change[frame * 4 + band] - change[band]) < 1e-4) } }
  }

  @Test("A unit that nothing changes is told dead, soon; the others go on")
  func deadUnit() throws {
    var file = HandmadeONNX(input: "x", ["N", 4])
    file.add("MatMul", ["x"], "score", weights: [Tensor([4, 2], [1, 0, 2, 0, 3, 0, 4, 0])])
    let x = canvas(row: [4], rows: 2, start: Tensor([2, 4, 1], repeating: 0.5))
    let excitation = try Excitation.elements([0, 1], of: "score", row: [2])
    let result = try Ascent(try network(file), excitation, [x], settings: plain(steps: 50)).run()
    #expect(result.endings == [.finished, .dead])
    #expect(result.last[0] > result.first[0])
    #expect(result.pictures[0].rows(1..<2) == x.start.rows(1..<2))
    let alone = try Ascent(
      try network(file), Excitation.elements([1], of: "score", row: [2]), [canvas(row: [4])],
      settings: plain(steps: 5000)
    ).run()
    #expect(alone.endings == [.dead])
    #expect(alone.curves[0].count < 20)
  }

  @Test("Where a gradient is no number, the picture of the step before is kept, and it is told")
  func notANumber() throws {
    var file = HandmadeONNX(input: "x", ["N", 3])
    file.add("Sqrt", ["x"], "root")
    file.add("MatMul", ["root"], "score", weights: [Tensor([3, 1], [-1, -1, -1])])
    var settings = plain(steps: 60)
    settings.rate = 0.1
    let x = canvas(row: [3], start: Tensor([1, 3, 1], repeating: 0.3))
    let result = try Ascent(
      try network(file), Excitation("score", [.sum([(0, 1)])]), [x], settings: settings
    ).run()
    guard case .notFinite(let step) = result.endings[0] else {
      Issue.record("it ended as \(result.endings[0])")
      return
    }
    #expect(step > 0)
    #expect(result.pictures[0].values.allSatisfy { $0.isFinite })
  }

  @Test("A layer's length is drawn out, and a run is cancelled at its next report")
  func energyAndCancelling() throws {
    var file = HandmadeONNX(input: "x", ["N", 4])
    file.add("MatMul", ["x"], "layer", weights: [numbers([4, 3])])
    let x = canvas(row: [4], start: numbers([1, 4, 1]))
    let ascent = Ascent(try network(file), Excitation("layer", [.energy]), [x], settings: plain(steps: 5))
    let result = try ascent.run()
    #expect(result.last[0] > result.first[0])
    let control = RunControl()
    control.cancel()
    #expect(throws: Cancelled.self) { try ascent.run(control: control) }
  }
}

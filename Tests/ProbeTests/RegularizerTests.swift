import Probe
import TestSupport
import Tensors
import Testing

/// What is taken off scores, and what pictures are functions of.
@Suite struct RegularizerTests {
  private static let shape = CanvasShape(frames: 6, panels: [0..<3, 3..<8])

  @Test(
    "Gradients of regularizers are those of finite differences",
    arguments: [
      SquaredNorm() as any Regularizer, TotalVariation(), FrequencyRoughness(), Similarity(answers: 2),
      Similarity(answers: 4),
    ])
  func finiteDifferences(_ regularizer: any Regularizer) {
    let x = numbers(Self.shape.tensor(rows: 4))
    let gradient = regularizer.gradient(x, Self.shape)
    func value(_ x: Tensor) -> Double { regularizer.values(x, Self.shape).reduce(0, +) }
    // Central differences in single precision are good to about ε^⅔ of the value's scale.
    let step: Float = 1e-2
    for place in stride(from: 0, to: x.count, by: 7) {
      var (up, down) = (x, x)
      up.withUnsafeMutableValues { $0[place] += step }
      down.withUnsafeMutableValues { $0[place] -= step }
      let slope = (value(up) - value(down)) / Double(2 * step)
      let known = Double(gradient.values[place])
      // Total variation is rounded off within a hundredth of an equal neighbour.
      let slack = regularizer is TotalVariation ? 5e-3 : 1e-3
      #expect(abs(slope - known) < slack + 0.02 * abs(slope), "place \(place): \(slope) against \(known)")
    }
  }

  @Test("Neighbours of two panels are none of each other")
  func panels() {
    var picture = Tensor([1, 6, 8])
    picture.withUnsafeMutableValues { values in
      for frame in 0..<6 { for band in 3..<8 { values[frame * 8 + band] = 1 } }
    }
    #expect(FrequencyRoughness().values(picture, Self.shape) == [0])
    #expect(TotalVariation().values(picture, Self.shape) == [0])
    let whole = CanvasShape(frames: 6, bands: 8)
    #expect(FrequencyRoughness().values(picture, whole)[0] > 0)
  }

  @Test("A picture moved along time is as like as itself; one answer alone has none it is like")
  func similarity() {
    let x = numbers([1, 6, 8])
    var moved = x
    moved.withUnsafeMutableValues { values in
      x.withUnsafeValues { x in
        for frame in 0..<6 { for band in 0..<8 { values[(frame + 2) % 6 * 8 + band] = x[frame * 8 + band] } }
      }
    }
    let alike = Similarity(answers: 2).values(Tensor(joining: [x, moved]), Self.shape)
    #expect(alike.allSatisfy { abs($0 - 1) < 1e-6 })
    let unlike = Similarity(answers: 2).values(
      Tensor(joining: [x, numbers([1, 6, 8], seed: 9)]), Self.shape)
    #expect(unlike[0] < 0.95)
    #expect(Similarity(answers: 1).values(x, Self.shape) == [0])
    #expect(Similarity(answers: 1).gradient(x, Self.shape).values.allSatisfy { $0 == 0 })
  }

  @Test(
    "Pictures of waves: the amplitudes come back, and the way back of gradients is the transpose",
    arguments: [0.0, 1.0])
  func waves(decay: Double) {
    let basis = PictureBasis.waves(decay: decay)
    let (a, b) = (numbers(Self.shape.tensor(rows: 2)), numbers(Self.shape.tensor(rows: 2), seed: 5))
    let pictures = basis.pictures(of: a, Self.shape)
    #expect(relativeError(basis.amplitudes(of: pictures, Self.shape), a) < 1e-5)
    func product(_ x: Tensor, _ y: Tensor) -> Double {
      zip(x.values, y.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let (forward, back) = (product(pictures, b), product(a, basis.pullback(b, Self.shape)))
    #expect(abs(forward - back) < 1e-4 * (1 + abs(forward)))
    // Slow waves count more.
    func energy(_ place: Int) -> Double {
      var one = Tensor([1, 6, 8])
      one.withUnsafeMutableValues { $0[place] = 1 }
      let picture = basis.pictures(of: one, Self.shape)
      return product(picture, picture)
    }
    #expect(decay == 0 ? abs(energy(3) - energy(3 + 8 * 3)) < 1e-4 : energy(3) > 2 * energy(3 + 8 * 3))
  }
}

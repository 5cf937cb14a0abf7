package import Explain
package import Tensors

/// A map on which near points are each other's neighbours: t-SNE (van der Maaten and Hinton, JMLR 2008) with the
/// approximation of Barnes and Hut (van der Maaten, JMLR 2014).
///
/// Minimises `KL = Σ pᵢⱼ ln(pᵢⱼ / qᵢⱼ)`, `qᵢⱼ ∝ 1 / (1 + |yᵢ − yⱼ|²)`, by gradient descent with momentum (.5, then .8) and gains,
/// with `p` exaggerated in the first quarter: scikit-learn's settings and schedule. It begins at the first two principal
/// components, scaled to a deviation of 1e-4, so that the large distances mean something (Kobak and Berens, Nature Communications
/// 2019), moved at random by a hundredth of that, so that equal points do not stay on one place for ever. Every sum is made in
/// an order that does not depend on the number of threads: neither does the map.
package struct NeighbourMap: Sendable {
  package struct Settings: Sendable, Hashable {
    /// About how many neighbours count; at most a third of the other points.
    package var perplexity = 30.0
    package var iterations = 1000
    package var exaggeration = 12.0
    /// A square is taken for one point where its side is less than this times its distance.
    package var theta = 0.5
    package var seed: UInt64 = 0

    package init() {}
  }

  /// `[N, 2]`, around (0, 0).
  package let coordinates: Tensor
  /// Kullback and Leibler's divergence at the end, in nats; nil where there was nothing to keep: fewer than 5 points, or
  /// all of them equal.
  package let divergence: Double?
  /// As used.
  package let perplexity: Double

  /// Below this many points, t-SNE has no neighbourhoods to keep; the map is that of the principal components.
  private static let fewest = 5

  /// - Throws: `Cancelled`.
  package init(
    of distances: PairwiseDistances, _ settings: Settings = Settings(), control: RunControl = RunControl()
  ) throws(Cancelled) {
    let count = distances.count
    let components = PrincipalComponents(of: distances.points, count: 2, seed: settings.seed)
    let start = Self.plane(components.coordinates(of: distances.points))
    perplexity = min(settings.perplexity, Double(max(0, count - 1)) / 3)
    guard count >= Self.fewest, components.totalVariance > 0 else {
      (coordinates, divergence) = (Self.tensor(start), nil)
      return
    }
    try control.report(0, of: 1, "neighbours")
    let neighbours = PointNeighbours(distances, count: min(count - 1, Int(3 * perplexity + 1)))
    var descent = Descent(
      NeighbourAffinities(neighbours, perplexity: perplexity), from: Self.scaled(start, seed: settings.seed),
      settings)
    let exploring = settings.iterations / 4
    for iteration in 0..<settings.iterations {
      if iteration % 10 == 0 { try control.report(iteration, of: settings.iterations, "map") }
      if iteration == exploring { descent.rest() }
      descent.step(
        exaggeration: iteration < exploring ? Float(settings.exaggeration) : 1,
        momentum: iteration < exploring ? 0.5 : 0.8)
    }
    coordinates = Self.tensor(descent.points)
    divergence = descent.divergence()
  }

  /// Two coordinates a point; those that are missing are 0.
  private static func plane(_ coordinates: Tensor) -> [SIMD2<Float>] {
    let width = coordinates.shape[1]
    return coordinates.withUnsafeValues { values in
      (0..<coordinates.shape[0]).map { row in
        SIMD2(width > 0 ? values[row * width] : 0, width > 1 ? values[row * width + 1] : 0)
      }
    }
  }

  private static func tensor(_ points: [SIMD2<Float>]) -> Tensor {
    Tensor([points.count, 2], points.flatMap { [$0.x, $0.y] })
  }

  /// The first coordinate to a deviation of 1e-4, the second by the same factor, and a little at random.
  private static func scaled(_ points: [SIMD2<Float>], seed: UInt64) -> [SIMD2<Float>] {
    let square = points.reduce(0) { $0 + Double($1.x) * Double($1.x) } / Double(points.count)
    let factor = Float(1e-4 / max(square.squareRoot(), .leastNormalMagnitude))
    var generator = SplitMix64(seed: seed)
    func uniform() -> Float { Float(generator.next() >> 40) * 0x1p-23 - 1 }
    return points.map { $0 * factor + SIMD2(uniform(), uniform()) * 1e-6 }
  }
}

/// One run of t-SNE's gradient descent.
private struct Descent {
  private(set) var points: [SIMD2<Float>]
  private let affinities: NeighbourAffinities
  private let rate: Float
  private var tree: QuadTree
  private var changes: [SIMD2<Float>]
  private var gains: [SIMD2<Float>]

  /// Points whose forces one thread sums up at a time.
  private static let chunk = 128
  private static let leastGain: Float = 0.01

  init(_ affinities: NeighbourAffinities, from points: [SIMD2<Float>], _ settings: NeighbourMap.Settings) {
    self.affinities = affinities
    self.points = points
    // Belkina et al., Nature Communications 2019: `N / exaggeration`, of a gradient without its factor 4.
    rate = Float(max(Double(points.count) / settings.exaggeration / 4, 50))
    tree = QuadTree(theta: settings.theta)
    changes = []
    gains = []
    rest()
  }

  /// Forgets in which direction the points were moving.
  mutating func rest() {
    changes = [SIMD2<Float>](repeating: .zero, count: points.count)
    gains = [SIMD2<Float>](repeating: SIMD2(1, 1), count: points.count)
  }

  mutating func step(exaggeration: Float, momentum: Float) {
    tree.build(points)
    let (pull, push, total) = forces()
    let share = Float(1 / max(total, .leastNormalMagnitude))
    var mean = SIMD2<Double>.zero
    for index in points.indices {
      let gradient = 4 * (pull[index] * exaggeration - push[index] * share)
      let agrees = changes[index] * gradient .< SIMD2.zero
      var gain = (gains[index] * 0.8).replacing(with: gains[index] + 0.2, where: agrees)
      gain = pointwiseMax(gain, SIMD2(repeating: Self.leastGain))
      gains[index] = gain
      changes[index] = changes[index] * momentum - gain * gradient * rate
      points[index] += changes[index]
      mean += SIMD2(Double(points[index].x), Double(points[index].y))
    }
    mean /= Double(points.count)
    let middle = SIMD2(Float(mean.x), Float(mean.y))
    for index in points.indices { points[index] -= middle }
  }

  /// `Σⱼ p q (yᵢ − yⱼ)`, `Σⱼ q² (yᵢ − yⱼ)`, and `Σ q` over all pairs.
  private func forces() -> (pull: [SIMD2<Float>], push: [SIMD2<Float>], total: Double) {
    let count = points.count
    let chunks = (count + Self.chunk - 1) / Self.chunk
    var pull = [SIMD2<Float>](repeating: .zero, count: count)
    var push = pull
    var sums = [Double](repeating: 0, count: chunks)
    pull.withUnsafeMutableBufferPointer { pull in
      push.withUnsafeMutableBufferPointer { push in
        sums.withUnsafeMutableBufferPointer { sums in
          // Each chunk writes places of its own.
          nonisolated(unsafe) let (pull, push, sums) = (pull, push, sums)
          let (tree, affinities, points) = (tree, affinities, points)
          concurrently(chunks) { chunk in
            var sum = 0.0
            for place in chunk * Self.chunk..<min(count, (chunk + 1) * Self.chunk) {
              let index = Int(tree.order[place])
              let (force, part) = tree.repulsion(at: points[index])
              push[index] = force
              sum += part - 1
              pull[index] = affinities.pull(on: index, points)
            }
            sums[chunk] = sum
          }
        }
      }
    }
    return (pull, push, sums.reduce(0, +))
  }

  /// Over the pairs that have a probability; `Σ q` as Barnes and Hut approximate it.
  mutating func divergence() -> Double {
    tree.build(points)
    return affinities.divergence(of: points, total: forces().total)
  }
}

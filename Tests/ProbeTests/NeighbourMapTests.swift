import Explain
import Foundation
import Probe
import Tensors
import Testing

/// t-SNE, the neighbours it keeps, and how far it is to be trusted.
struct NeighbourMapTests {
  /// Three clouds far apart, and which of them a point is of.
  static func clouds(_ count: Int = 40, width: Int = 8, seed: UInt64 = 7) -> (points: Tensor, cloud: [Int]) {
    var generator = SplitMix64(seed: seed)
    let centres = (0..<3).map { cloud in (0..<width).map { Float(($0 + cloud) % 3) * 6 } }
    let cloud = (0..<3 * count).map { $0 % 3 }
    return (
      Tensor(
        [3 * count, width],
        cloud.flatMap { cloud in
          centres[cloud].map { $0 + Float.random(in: -1...1, using: &generator) }
        }), cloud
    )
  }

  @Test("Neighbours are those of the loop over all distances", arguments: [1, 5, 30])
  func neighbours(count: Int) {
    let (points, _) = Self.clouds()
    let distances = PairwiseDistances(points)
    let found = PointNeighbours(distances, count: count)
    for point in 0..<points.shape[0] {
      var others: [(place: Int, distance: Double)] = []
      for other in 0..<points.shape[0] where other != point {
        others.append((other, Self.distance(points, point, other)))
      }
      others.sort { ($0.distance, $0.place) < ($1.distance, $1.place) }
      let wanted = others.prefix(count).map(\.place)
      #expect(found.indices[point * count..<(point + 1) * count].map { Int($0) } == wanted)
    }
  }

  private static func distance(_ points: Tensor, _ a: Int, _ b: Int) -> Double {
    (0..<points.shape[1]).reduce(0.0) { sum, place in
      let difference = Double(points[a, place]) - Double(points[b, place])
      return sum + difference * difference
    }
  }

  @Test("Trustworthiness is scikit-learn's", arguments: [(0, 1), (1, 5), (2, 12)])
  func trust(place: Int, neighbours: Int) throws {
    let golden = try NumPy.readArchive(StatisticsTests.golden)
    let points = try #require(golden["points"])
    let plane = Tensor(
      [points.shape[0], 2], (0..<points.shape[0]).flatMap { [points[$0, 0], points[$0, 1]] })
    let value = try #require(
      trustworthiness(of: plane, in: PairwiseDistances(points), neighbours: neighbours))
    let wanted = try #require(golden["trustworthiness"])[place]
    // Equally far points to rounding may change places.
    #expect(abs(value - Double(wanted)) < 1e-5)
  }

  @Test("Three clouds stay apart on the map, whose neighbours are to be trusted")
  func cloudsApart() throws {
    let (points, cloud) = Self.clouds()
    let distances = PairwiseDistances(points)
    let map = try NeighbourMap(of: distances)
    let near = PointNeighbours(PairwiseDistances(map.coordinates), count: 5)
    for (place, other) in near.indices.enumerated() { #expect(cloud[place / 5] == cloud[Int(other)]) }
    #expect(try #require(trustworthiness(of: map.coordinates, in: distances)) > 0.9)
    #expect(try #require(map.divergence) < 1.5)
  }

  @Test("The map depends on the seed, and not on the number of threads")
  func threads() throws {
    let distances = PairwiseDistances(Self.clouds().points)
    var settings = NeighbourMap.Settings()
    settings.iterations = 120
    let before = ComputeThreads.count
    ComputeThreads.use(1)
    let one = try NeighbourMap(of: distances, settings)
    ComputeThreads.use(5)
    let five = try NeighbourMap(of: distances, settings)
    ComputeThreads.use(before)
    #expect(one.coordinates == five.coordinates && one.divergence == five.divergence)
    settings.seed = 9
    #expect(try NeighbourMap(of: distances, settings).coordinates != one.coordinates)
  }

  @Test("Barnes and Hut's divergence is that of all pairs, to their approximation")
  func divergence() throws {
    // Points in no order: their map is a compromise, whose divergence is far from 0.
    var generator = SplitMix64(seed: 3)
    let points = Tensor([90, 8], (0..<720).map { _ in Float.random(in: 0...1, using: &generator) })
    let distances = PairwiseDistances(points)
    var settings = NeighbourMap.Settings()
    // A few steps: after many, the least difference has led to another map.
    settings.iterations = 20
    settings.theta = 0.01
    let exact = try #require(try NeighbourMap(of: distances, settings).divergence)
    settings.theta = 0.5
    let approximate = try #require(try NeighbourMap(of: distances, settings).divergence)
    #expect(abs(exact - approximate) < 0.02 * exact)
  }

  @Test("No points, few points and equal points have a map without NaN", arguments: [0, 1, 2, 3, 4, 5, 6, 7])
  func few(count: Int) throws {
    let points = Tensor([count, 3], (0..<count * 3).map { Float($0 * $0 % 11) })
    let map = try NeighbourMap(of: PairwiseDistances(points))
    #expect(map.coordinates.shape == [count, 2] && map.coordinates.values.allSatisfy { $0.isFinite })
    #expect((map.divergence == nil) == (count < 5))
    #expect((trustworthiness(of: map.coordinates, in: PairwiseDistances(points)) == nil) == (count < 3))
    let equal = try NeighbourMap(of: PairwiseDistances(Tensor([count, 3], repeating: 2)))
    #expect(equal.coordinates.values.allSatisfy { $0 == 0 } && equal.divergence == nil)
  }

  @Test("Copies of a point, and clouds of copies, have a map without NaN")
  func copies() throws {
    let points = Tensor([60, 2], (0..<60).flatMap { [Float($0 / 20) * 5, 1] })
    let map = try NeighbourMap(of: PairwiseDistances(points))
    #expect(map.coordinates.values.allSatisfy { $0.isFinite })
  }

  @Test("A cancelled map ends")
  func cancelled() {
    let control = RunControl()
    control.cancel()
    #expect(throws: Cancelled.self) {
      _ = try NeighbourMap(of: PairwiseDistances(Self.clouds().points), control: control)
    }
  }
}

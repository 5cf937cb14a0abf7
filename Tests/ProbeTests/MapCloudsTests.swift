import Probe
import Tensors
import Testing

/// The clouds of a map are those that were put there.
struct MapCloudsTests {
  /// Normally distributed points around each centre, group after group.
  private func points(around centres: [(x: Float, y: Float)], each count: Int, deviation: Float = 1) -> Tensor
  {
    var generator = GaussianGenerator(seed: 3)
    let values = centres.flatMap { centre in
      (0..<count).flatMap { _ in
        [centre.x + deviation * generator.normal(), centre.y + deviation * generator.normal()]
      }
    }
    return Tensor([centres.count * count, 2], values)
  }

  @Test("Groups that lie ten deviations apart are clouds of their own", arguments: [2, 3, 5])
  func apart(groups: Int) {
    let centres = (0..<groups).map { group -> (x: Float, y: Float) in
      (Float(10 * (group % 3)), Float(10 * (group / 3)))
    }
    let found = MapClouds(points(around: centres, each: 60)).cloudOfPoint
    var names: [Int] = []
    for group in 0..<groups {
      let own = found[60 * group..<60 * (group + 1)]
      let name = own.max() ?? -1
      // A point far out may belong to none.
      #expect(name >= 0)
      #expect(own.count { $0 == name } >= 57)
      #expect(own.allSatisfy { $0 == name || $0 == -1 })
      names.append(name)
    }
    #expect(Set(names) == Set(0..<groups))
  }

  @Test("One group is one cloud")
  func alone() {
    let found = MapClouds(points(around: [(0, 0)], each: 400)).cloudOfPoint
    #expect(found.count { $0 == 0 } >= 320)
  }

  @Test("Few points, all alike or on a line, are no failure")
  func degenerate() {
    #expect(MapClouds(Tensor([1, 2], [3, 4])).cloudOfPoint == [-1])
    #expect(MapClouds(Tensor([6, 2], [Float](repeating: 2, count: 12))).cloudOfPoint == [0, 0, 0, 0, 0, 0])
    let line = MapClouds(Tensor([8, 2], (0..<8).flatMap { place -> [Float] in [Float(place), 0] }))
      .cloudOfPoint
    #expect(line.count == 8)
  }
}

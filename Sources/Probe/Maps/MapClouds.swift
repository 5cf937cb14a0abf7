import Glibc
package import Tensors

/// The clouds that the points of a map form: hills of their density that stand apart from their neighbours.
///
/// The density is a histogram of 128 x 128 cells, smoothed by a Gaussian of 3 cells. Cells are taken from the densest on, each
/// to the hill of its densest neighbour; where two hills meet, the lower one is part of the other unless it rises
/// above the saddle by enough (persistence, as in ToMATo: Chazal et al., JACM 2013): by a third of its height, and by three
/// standard deviations of what chance makes of it, which for a sum `D` of Gaussian weights is `√(D / 2)`.
package struct MapClouds: Sendable {
  /// The cloud of each point, 0 that of most points; -1 for points that belong to none.
  package let cloudOfPoint: [Int]

  private static let cells = 128
  private static let deviation = 3.0
  private static let leastProminence = 1.0 / 3
  private static let leastDeviations = 3.0
  /// Of a hill's height; what is lower lies between the clouds.
  private static let leastHeight = 0.03
  /// Of a cloud.
  private static let fewestPoints = 5

  /// - Parameter coordinates: `[N, 2]`, finite.
  package init(_ coordinates: Tensor) {
    let places = Self.cellOfPoint(coordinates)
    let density = Self.density(places)
    let hillOfCell = Self.hills(density)
    var members: [Int: [Int]] = [:]
    for (point, cell) in places.enumerated() {
      let hill = hillOfCell[cell]
      if density[cell] >= Self.leastHeight * density[hill] { members[hill, default: []].append(point) }
    }
    let clouds = members.filter { $0.value.count >= Self.fewestPoints }
      .sorted { (-$0.value.count, $0.key) < (-$1.value.count, $1.key) }
    var result = [Int](repeating: -1, count: places.count)
    for (number, cloud) in clouds.enumerated() { for point in cloud.value { result[point] = number } }
    cloudOfPoint = result
  }

  /// The cell of each point; a margin around all is left for the smoothing.
  private static func cellOfPoint(_ coordinates: Tensor) -> [Int] {
    let count = coordinates.shape[0]
    func axis(_ column: Int) -> [Int] {
      let values = (0..<count).map { Double(coordinates[$0, column]) }
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      let margin = 3 * deviation
      let scale = high > low ? (Double(cells) - 2 * margin - 1) / (high - low) : 0
      return values.map { Int((margin + ($0 - low) * scale).rounded()) }
    }
    return zip(axis(0), axis(1)).map { $0 * cells + $1 }
  }

  private static func density(_ places: [Int]) -> [Double] {
    let reach = Int((3 * deviation).rounded(.up))
    let weights = (-reach...reach).map { exp(-0.5 * Double($0 * $0) / (deviation * deviation)) }
    var counts = [Double](repeating: 0, count: cells * cells)
    for place in places { counts[place] += 1 }
    func smoothed(_ values: [Double], step: Int, other: Int) -> [Double] {
      var result = [Double](repeating: 0, count: values.count)
      for line in 0..<cells {
        for place in 0..<cells {
          var sum = 0.0
          for offset in -reach...reach where (0..<cells).contains(place + offset) {
            sum += weights[offset + reach] * values[line * other + (place + offset) * step]
          }
          result[line * other + place * step] = sum
        }
      }
      return result
    }
    return smoothed(smoothed(counts, step: 1, other: cells), step: cells, other: 1)
  }

  /// The hill of each cell, named by the cell that is its top.
  private static func hills(_ density: [Double]) -> [Int] {
    var parent = [Int](repeating: -1, count: density.count)
    func top(of cell: Int) -> Int {
      var cell = cell
      while parent[cell] != cell { cell = parent[cell] }
      return cell
    }
    for cell in density.indices.sorted(by: { (density[$0], $1) > (density[$1], $0) }) {
      guard density[cell] > 0 else {
        parent[cell] = cell
        continue
      }
      let (row, column) = (cell / cells, cell % cells)
      let neighbours = [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)].compactMap {
        (rows, columns) -> Int? in
        let (row, column) = (row + rows, column + columns)
        guard (0..<cells).contains(row), (0..<cells).contains(column), parent[row * cells + column] >= 0
        else { return nil }
        return row * cells + column
      }
      let tops = Set(neighbours.map(top)).sorted { (density[$0], $1) > (density[$1], $0) }
      guard let highest = tops.first else {
        parent[cell] = cell
        continue
      }
      let steepest = neighbours.max { (density[$0], $1) < (density[$1], $0) } ?? highest
      parent[cell] = top(of: steepest)
      for other in tops.dropFirst() {
        let height = density[other]
        let least = max(leastProminence * height, leastDeviations * (height / 2).squareRoot())
        if height - density[cell] < least { parent[other] = highest }
      }
    }
    return density.indices.map(top)
  }
}

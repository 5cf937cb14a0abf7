/// Points of a plane in nested squares, and their joint repulsion on any place: Barnes and Hut, Nature 1986, as t-SNE uses
/// it (van der Maaten, JMLR 2014).
///
/// Points are sorted along a Z-shaped curve (21 bits an axis), on which every square is a stretch. Nodes lie in the order of
/// a walk that goes down first, each with the number of the node behind its whole square: a walk needs no stack.
struct QuadTree {
  private struct Node {
    /// The mean place of its points.
    var x: Float
    var y: Float
    var count: Float
    /// Squared side of its square over `θ²`.
    var reach: Float
    /// The node behind it and all it holds.
    var next: Int32
    /// Its points, in order along the curve; none in a node that is divided.
    var first: Int32
    var end: Int32
  }

  private static let bits: UInt64 = 21
  /// Points that share a square and are not divided any more.
  private static let leaf = 4

  /// Of the points, along the curve.
  private(set) var order: [Int32] = []
  private var places: [SIMD2<Float>] = []
  private var keys: [UInt64] = []
  private var spareKeys: [UInt64] = []
  private var nodes: [Node] = []
  private let theta: Float

  /// - Parameter theta: a square is taken for one point where its side is less than `theta` times its distance.
  init(theta: Double) { self.theta = Float(theta) }

  /// Builds the tree anew.
  mutating func build(_ points: [SIMD2<Float>]) {
    guard var low = points.first else { return }
    var high = low
    for point in points {
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
    }
    let side = max((high - low).max(), 1e-20)
    let cells = Float(1 << Self.bits)
    let scale = cells / side * 0.999_999
    let spread = low
    keys.removeAll(keepingCapacity: true)
    for (index, point) in points.enumerated() {
      let cell = (point - spread) * scale
      let code = Self.spaced(UInt64(max(0, cell.x))) | Self.spaced(UInt64(max(0, cell.y))) << 1
      keys.append(code << 22 | UInt64(index))
    }
    sortKeys()
    order.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    for key in keys {
      let index = Int32(key & 0x3F_FFFF)
      order.append(index)
      places.append(points[Int(index)])
    }
    nodes.removeAll(keepingCapacity: true)
    add(0..<points.count, shift: Int(2 * Self.bits) + 22, side: side)
  }

  /// The most points there may be.
  static let mostPoints = 1 << 22

  /// Adds the square whose points are `range`, and all within it.
  ///
  /// - Parameters:
  ///   - shift: the bits of a key below those that all points of the square share.
  ///   - side: of the square.
  private mutating func add(_ range: Range<Int>, shift: Int, side: Float) {
    var (shift, side) = (shift, side)
    // As small a square as holds them all.
    let differing = keys[range.lowerBound] ^ keys[range.upperBound - 1]
    while shift > 22, differing >> UInt64(shift - 2) == 0 {
      shift -= 2
      side /= 2
    }
    let node = nodes.count
    let isLeaf = range.count <= Self.leaf || shift <= 22
    nodes.append(
      Node(
        x: 0, y: 0, count: Float(range.count), reach: (side / theta) * (side / theta), next: 0,
        first: isLeaf ? Int32(range.lowerBound) : 0, end: isLeaf ? Int32(range.upperBound) : 0))
    var sum = SIMD2<Float>.zero
    if isLeaf {
      for place in range { sum += places[place] }
    } else {
      let level = UInt64(shift - 2)
      var start = range.lowerBound
      while start < range.upperBound {
        let quarter = keys[start] >> level
        var (low, high) = (start + 1, range.upperBound)
        while low < high {
          let middle = (low + high) / 2
          if keys[middle] >> level == quarter { low = middle + 1 } else { high = middle }
        }
        let child = nodes.count
        add(start..<low, shift: shift - 2, side: side / 2)
        sum += SIMD2(nodes[child].x, nodes[child].y) * nodes[child].count
        start = low
      }
    }
    let mean = sum / Float(range.count)
    (nodes[node].x, nodes[node].y, nodes[node].next) = (mean.x, mean.y, Int32(nodes.count))
  }

  /// `Σⱼ q² (place − yⱼ)` and `Σⱼ q` over all points, with `q = 1 / (1 + |place − yⱼ|²)`; a point at `place` itself counts 1 in
  /// the second.
  func repulsion(at place: SIMD2<Float>) -> (force: SIMD2<Float>, sum: Double) {
    var force = SIMD2<Float>.zero
    var sum: Float = 0
    nodes.withUnsafeBufferPointer { nodes in
      places.withUnsafeBufferPointer { places in
        var index = 0
        let count = nodes.count
        while index < count {
          let node = nodes[index]
          let away = SIMD2(place.x - node.x, place.y - node.y)
          let distance = away.x * away.x + away.y * away.y
          if node.reach < distance {
            let q = 1 / (1 + distance)
            sum += node.count * q
            force += away * (node.count * q * q)
            index = Int(node.next)
          } else if node.end > node.first {
            for point in Int(node.first)..<Int(node.end) {
              let away = place - places[point]
              let q = 1 / (1 + away.x * away.x + away.y * away.y)
              sum += q
              force += away * (q * q)
            }
            index = Int(node.next)
          } else {
            index += 1
          }
        }
      }
    }
    return (force, Double(sum))
  }

  /// A bit of zero before each bit.
  private static func spaced(_ value: UInt64) -> UInt64 {
    var bits = value & 0x1F_FFFF
    bits = (bits | bits << 16) & 0x0000_FFFF_0000_FFFF
    bits = (bits | bits << 8) & 0x00FF_00FF_00FF_00FF
    bits = (bits | bits << 4) & 0x0F0F_0F0F_0F0F_0F0F
    bits = (bits | bits << 2) & 0x3333_3333_3333_3333
    return (bits | bits << 1) & 0x5555_5555_5555_5555
  }

  /// By the code above the lowest 22 bits, eleven bits at a time, from the lowest; what is equal stays in order.
  private mutating func sortKeys() {
    if spareKeys.count != keys.count { spareKeys = keys }
    for shift in stride(from: UInt64(22), to: 64, by: 11) {
      var starts = [Int](repeating: 0, count: 2049)
      for key in keys { starts[Int(key >> shift & 2047) + 1] += 1 }
      for digit in 0..<2048 { starts[digit + 1] += starts[digit] }
      for key in keys {
        let digit = Int(key >> shift & 2047)
        spareKeys[starts[digit]] = key
        starts[digit] += 1
      }
      swap(&keys, &spareKeys)
    }
  }
}

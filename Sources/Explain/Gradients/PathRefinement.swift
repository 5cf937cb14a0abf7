import Tensors

/// The mean gradient along the way from one row to another, in pieces that are halved until their sum meets what the score
/// gains on the way.
///
/// Each piece has a four-point Gauss-Legendre rule, and the scores at its ends tell what it should give. The pieces that
/// miss that by most are halved first, until the misses, which are of either sign, sum to no more than
/// `tolerance · |gain|`, or `mostPoints` gradients are taken.
struct PathRefinement {
  let start: Tensor
  let end: Tensor
  let tolerance: Double

  private struct Piece {
    var from: Double
    var to: Double
    /// Of the gradient, times the length.
    var share: [Float] = []
    /// The score's gain less what the shares give.
    var miss = 0.0
  }

  private static let rule = IntegratedGradients.quadrature(4)
  private static let firstPieces = 16
  private static let mostPoints = 4000

  /// The mean gradient; nil where `known`, an estimate of it, already meets the tolerance.
  func means(_ function: some ScoreFunction, unless known: [Double]) throws -> [Double]? {
    let ends = try function.scores(at: Tensor(joining: [start, end]))
    let gain = Double(ends[1]) - Double(ends[0])
    let way = zip(start.values, end.values).map { Double($1 - $0) }
    let given = zip(way, known).reduce(0) { $0 + $1.0 * $1.1 }
    guard abs(gain - given) > tolerance * abs(gain) else { return nil }
    var pieces = (0..<Self.firstPieces).map {
      Piece(from: Double($0) / Double(Self.firstPieces), to: Double($0 + 1) / Double(Self.firstPieces))
    }
    try take(&pieces, pieces.indices, function, way)
    let atOnce = max(1, copiesAtOnce(ofRow: end.count) / Self.rule.count / 2)
    while abs(pieces.reduce(0) { $0 + $1.miss }) > tolerance * abs(gain),
      pieces.count * Self.rule.count < Self.mostPoints
    {
      pieces.sort { abs($0.miss) < abs($1.miss) }
      let worst = pieces.suffix(atOnce)
      pieces.removeLast(worst.count)
      let first = pieces.count
      for piece in worst {
        let middle = (piece.from + piece.to) / 2
        pieces += [Piece(from: piece.from, to: middle), Piece(from: middle, to: piece.to)]
      }
      try take(&pieces, first..<pieces.count, function, way)
    }
    var means = [Double](repeating: 0, count: end.count)
    for piece in pieces { for place in means.indices { means[place] += Double(piece.share[place]) } }
    return means
  }

  /// Computes the shares and misses of some pieces.
  private func take(
    _ pieces: inout [Piece], _ chosen: Range<Int>, _ function: some ScoreFunction, _ way: [Double]
  ) throws {
    let atOnce = max(1, copiesAtOnce(ofRow: end.count) / Self.rule.count)
    for first in stride(from: chosen.lowerBound, to: chosen.upperBound, by: atOnce) {
      let part = first..<min(first + atOnce, chosen.upperBound)
      let points = part.flatMap { index in
        Self.rule.map { pieces[index].from + $0.place * (pieces[index].to - pieces[index].from) }
      }
      let gradients = try function.gradient(at: path(from: start, to: end, points))
      let scores = try function.scores(
        at: path(from: start, to: end, part.flatMap { [pieces[$0].from, pieces[$0].to] }))
      for (index, piece) in part.enumerated() {
        let length = pieces[piece].to - pieces[piece].from
        let share = weighted(gradients, Self.rule.count * index, by: length)
        let given = zip(way, share).reduce(0) { $0 + $1.0 * Double($1.1) }
        pieces[piece].share = share
        pieces[piece].miss = Double(scores[2 * index + 1]) - Double(scores[2 * index]) - given
      }
    }
  }

  /// The rule's mean of the gradients that begin with row `first`, times `length`.
  private func weighted(_ gradients: Tensor, _ first: Int, by length: Double) -> [Float] {
    var share = [Float](repeating: 0, count: end.count)
    gradients.withUnsafeValues { gradients in
      for (copy, point) in Self.rule.enumerated() {
        let start = (first + copy) * share.count
        let weight = Float(point.weight * length)
        for place in share.indices { share[place] += weight * gradients[start + place] }
      }
    }
    return share
  }
}

/// Points on the way from `start` to `row`, each a row.
func path(from start: Tensor, to row: Tensor, _ places: [Double]) -> Tensor {
  let size = row.count
  return Tensor(unsafeUninitialized: Shape([places.count] + row.shape.dimensions.dropFirst())) { result in
    row.withUnsafeValues { row in
      start.withUnsafeValues { start in
        for (copy, place) in places.enumerated() {
          let alpha = Float(place)
          for element in 0..<size {
            result[copy * size + element] = start[element] + alpha * (row[element] - start[element])
          }
        }
      }
    }
  }
}

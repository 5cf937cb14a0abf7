import Graphs
import Tensors

/// Which number a row of a tensor is explained as: a sum of its elements, `Σ weight · element`.
///
/// Elements are counted over all axes but the first. All that explains a network follows from the weights, as the score is
/// linear in the tensor: they are also the gradient that flows back from it.
public enum ScoreOf: Sendable, Hashable {
  case element(Int)
  /// The first less the second: "why this and not that".
  case difference(Int, Int)
  /// An element at some moments, its mean over them: the first axis of a row runs in time, and elements are counted over the
  /// axes behind it.
  case moments(element: Int, ClosedRange<Int>)
  /// The mean over the places of a channel of `[N, C, places…]`.
  case channelMean(Int)
  /// Some elements, each with its weight.
  case sum([Int: Float])
  /// The product with a vector of as many numbers as a row has.
  case direction([Float])

  /// The elements that count, each with its weight.
  ///
  /// - Parameters:
  ///   - row: the extents of the tensor's row.
  ///   - tensor: for messages.
  /// - Throws: `ExplainError.noSuchElement`, `.noMoments`, `.noSuchMoment`, `.noSuchChannel`, `.direction`.
  func terms(of row: [Int], in tensor: TensorName) throws(ExplainError) -> [(element: Int, weight: Float)] {
    let width = row.reduce(1, *)
    func checked(_ element: Int) throws(ExplainError) -> Int {
      guard element >= 0, element < width else {
        throw .noSuchElement(element, of: tensor, count: width)
      }
      return element
    }
    switch self {
    case .element(let element): return [(try checked(element), 1)]
    case .difference(let element, let other): return [(try checked(element), 1), (try checked(other), -1)]
    case .moments(let element, let moments):
      guard row.count > 1, let count = row.first else { throw .noMoments(tensor, shape: Shape(row)) }
      guard moments.lowerBound >= 0, moments.upperBound < count else {
        throw .noSuchMoment(moments.upperBound, of: tensor, count: count)
      }
      let classes = width / max(1, count)
      guard element >= 0, element < classes else {
        throw .noSuchElement(element, of: tensor, count: classes)
      }
      return moments.map { ($0 * classes + element, 1 / Float(moments.count)) }
    case .channelMean(let channel):
      let channels = row.first ?? 0
      guard channel >= 0, channel < channels else {
        throw .noSuchChannel(channel, of: tensor, count: channels)
      }
      let places = width / channels
      return (channel * places..<(channel + 1) * places).map { ($0, 1 / Float(places)) }
    case .sum(let terms):
      return try terms.keys.sorted().map { element throws(ExplainError) in
        (try checked(element), terms[element] ?? 0)
      }
    case .direction(let vector):
      guard vector.count == width else {
        throw .direction(of: tensor, expected: width, got: vector.count)
      }
      return vector.indices.filter { vector[$0] != 0 }.map { ($0, vector[$0]) }
    }
  }
}

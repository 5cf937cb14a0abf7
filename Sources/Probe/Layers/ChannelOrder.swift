import Tensors

/// In which order the channels of a layer are shown.
package enum ChannelOrder: String, Sendable, Hashable, Codable, CaseIterable {
  /// The strongest first.
  case strength
  /// Neighbours alike, beginning with the strongest.
  case likeness
  /// As the network numbers them.
  case number
}

extension ClipMaps {
  /// The channels to show: the `count` strongest of those that are not the same everywhere, in that order.
  ///
  /// Likeness is the correlation of two maps, up to sign of neither: from the strongest channel on, the next is always the one
  /// of the rest whose map correlates most with the last. That keeps groups together and costs `count²` correlations.
  package func channels(_ order: ChannelOrder, top count: Int) -> [Int] {
    let telling = channels.filter { !$0.isConstant }
      .sorted { ($0.strength, $1.index) > ($1.strength, $0.index) }.map(\.index)
    let chosen = Array(telling.prefix(max(0, count)))
    switch order {
    case .strength: return chosen
    case .number: return chosen.sorted()
    case .likeness: return alike(chosen)
    }
  }

  private func alike(_ chosen: [Int]) -> [Int] {
    guard chosen.count > 2 else { return chosen }
    let maps = chosen.map { channel -> [Float] in
      let (values, summary) = (map(channel).values, channels[channel])
      return values.map { ($0 - summary.mean) / summary.strength }
    }
    var rest = Array(1..<chosen.count)
    var path = [0]
    while !rest.isEmpty, let last = path.last {
      let likeness = rest.map { other in
        var sum: Float = 0
        for place in maps[last].indices { sum += maps[last][place] * maps[other][place] }
        return sum
      }
      let best = likeness.indices.max { (likeness[$0], rest[$1]) < (likeness[$1], rest[$0]) } ?? 0
      path.append(rest.remove(at: best))
    }
    return path.map { chosen[$0] }
  }
}

package import Tensors

/// What the heads of an attention layer attend to within one patch: time by time.
///
/// `values[h, t, s]` is the attention that the places at time `t` pay to those at time `s`: of tokens that are places of time
/// and frequency, summed over the bands attended to and averaged over the bands that attend. Rows sum to 1, less what goes
/// to tokens that stand for no place (`elsewhere`).
package struct AttentionMaps: Sendable {
  /// `[heads, times, times]`, queries by keys.
  package let values: Tensor
  /// The attention that goes to a class token and its like, the mean over all places that attend; one for each head.
  package let elsewhere: [Float]
}

/// How an attention's values, a matrix of queries by keys for each head, lie on the places of a patch.
struct Attending {
  /// Of what each place receives: a channel for each head.
  let received: LayerGeometry
  let heads: Int
  let queries: Int
  let keys: Int
  /// For each token its place of time; nil for those that stand for no place.
  let times: [Int?]

  /// Values of a row.
  var count: Int { heads * queries * keys }

  /// The mean over all queries, `[N, heads, keys]`.
  func received(_ values: Tensor) -> Tensor {
    let rows = values.shape[0]
    return Tensor(unsafeUninitialized: [rows, heads, keys]) { result in
      values.withUnsafeValues { values in
        for head in 0..<rows * heads {
          let (source, target) = (head * queries * keys, head * keys)
          for key in 0..<keys { result[target + key] = 0 }
          for query in 0..<queries {
            for key in 0..<keys { result[target + key] += values[source + query * keys + key] }
          }
          for key in 0..<keys { result[target + key] /= Float(queries) }
        }
      }
    }
  }

  /// The attention within the first of several patches.
  func maps(ofFirst values: Tensor) -> AttentionMaps {
    let count = received.time.count
    var result = Tensor([heads, count, count])
    var elsewhere = [Float](repeating: 0, count: heads)
    let perTime = times.reduce(into: [Float](repeating: 0, count: count)) { counts, time in
      if let time { counts[time] += 1 }
    }
    let known = Float(times.count { $0 != nil })
    result.withUnsafeMutableValues { result in
      values.withUnsafeValues { values in
        for head in 0..<heads {
          for query in 0..<queries {
            guard let time = times[query] else { continue }
            let source = (head * queries + query) * keys
            for key in 0..<keys {
              if let attended = times[key] {
                result[(head * count + time) * count + attended] += values[source + key] / perTime[time]
              } else {
                elsewhere[head] += values[source + key] / known
              }
            }
          }
        }
      }
    }
    return AttentionMaps(values: result, elsewhere: elsewhere)
  }
}

extension LayerGeometry {
  /// How the values lie where the last two axes of a row are queries and keys, both the patch's tokens; nil where they are
  /// not: windows of tokens, or attention to another sequence.
  var attending: Attending? {
    guard row.count >= 2, let queries = row.dropLast().last, let keys = row.last, queries == keys,
      let times = times(ofTokens: keys)
    else { return nil }
    let heads = row.dropLast(2).reduce(1, *)
    return Attending(
      received: LayerGeometry(self, row: [heads, keys], tokens: 1), heads: heads, queries: queries,
      keys: keys,
      times: times)
  }

  /// For each of so many tokens its place of time; nil for those that stand for no place. nil where tokens are not the
  /// layer's places.
  private func times(ofTokens count: Int) -> [Int?]? {
    switch order {
    case .axes(let axis, let band):
      return axis != nil && band == nil && time.count == count ? (0..<count).map { $0 } : nil
    case .tokens(let axis, let prefix, let bandsInside):
      guard row[axis] == count else { return nil }
      return (0..<count).map { token in
        token < prefix ? nil : bandsInside ? (token - prefix) / band.count : (token - prefix) % time.count
      }
    }
  }
}

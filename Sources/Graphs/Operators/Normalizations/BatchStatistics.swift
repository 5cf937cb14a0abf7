import Glibc

/// A batch normalization in training: the batch's own statistics, the normalized tensor, and the way back, each in two passes
/// over memory.
///
/// oneDNN's kernel waits in the middle for its threads by spinning: with another program on a core, that takes a
/// scheduler's turn for each layer (measured: 14 ms rather than 0.1). Sums are taken from the first number of each channel
/// on, so that a mean far from zero costs no digits, and brought together in double precision.
struct BatchStatistics: Sendable {
  let runs: ChannelRuns
  let epsilon: Float

  /// Numbers that a run needs room for: two sums in double precision for each channel and segment, and three factors.
  var scratchCount: Int { runs.channels * (4 * ChannelRuns.segments + 3) }

  private struct Room {
    let sums: UnsafeMutablePointer<Double>
    let factors: [UnsafeMutablePointer<Float>]

    init(_ scratch: UnsafeMutablePointer<Float>, _ channels: Int) {
      let sumCount = 2 * channels * ChannelRuns.segments
      sums = UnsafeMutableRawPointer(scratch).bindMemory(to: Double.self, capacity: sumCount)
      let rest = scratch + 2 * sumCount
      factors = (0..<3).map { rest + $0 * channels }
    }
  }

  /// `y = scale · (x − mean) / √(variance + ε) + shift`, and `max(0, y)` if `isRectified`.
  ///
  /// - Parameter channels: without those that fill the last block; scale, shift, mean and variance have that many.
  func run(
    _ x: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, channels: Int,
    isRectified: Bool, mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>,
    into y: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>, _ lanes: Lanes
  ) {
    let room = Room(scratch, runs.channels)
    let first = room.factors[0]
    for (channel, place) in runs.firstPlaces.enumerated() { first[channel] = x[place] }
    addSums(room, lanes) { place, channel, rows, stride in
      let start = UnsafePointer(first).eight(at: channel)
      var (sum, squares) = (Eight.zero, Eight.zero)
      for row in 0..<rows {
        let value = x.eight(at: place + row * stride) - start
        sum += value
        squares += value * value
      }
      return (sum, squares)
    }
    let (slope, level) = (room.factors[1], room.factors[2])
    let count = Double(runs.count)
    for channel in 0..<runs.channels {
      // Channels that only fill the last block stay zero.
      guard channel < channels else {
        (slope[channel], level[channel]) = (0, 0)
        continue
      }
      let (sum, squares) = total(room, channel)
      let distance = sum / count
      let own = Double(first[channel]) + distance
      let spread = max(0, squares / count - distance * distance)
      (mean[channel], variance[channel]) = (Float(own), Float(spread))
      let factor = Double(scale[channel]) / (spread + Double(epsilon)).squareRoot()
      slope[channel] = Float(factor)
      level[channel] = Float(Double(shift[channel]) - own * factor)
    }
    lanes.share(ChannelRuns.segments) { segments in
      for segment in segments {
        for piece in runs.pieces(of: segment) {
          runs.forEachEight(of: piece) { place, channel in
            let (a, b) = (UnsafePointer(slope).eight(at: channel), UnsafePointer(level).eight(at: channel))
            for row in 0..<piece.rows {
              let at = place + row * runs.width
              var value = a * x.eight(at: at) + b
              if isRectified { value.replace(with: 0, where: value .< 0) }
              y.store(value, at: at)
            }
          }
        }
      }
    }
  }

  /// With `n` numbers a channel, `x̂ = (x − mean) / √(variance + ε)`: `∂shift = Σ g`, `∂scale = Σ g x̂`,
  /// `∂x = scale / √(variance + ε) · (g − ∂shift / n − x̂ ∂scale / n)`.
  func runBackwards(
    _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>, scale: UnsafePointer<Float>,
    mean: UnsafePointer<Float>, variance: UnsafePointer<Float>, channels: Int,
    toSource: UnsafeMutablePointer<Float>, toScale: UnsafeMutablePointer<Float>,
    toShift: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>, _ lanes: Lanes
  ) {
    let room = Room(scratch, runs.channels)
    let (centre, slope, level) = (room.factors[0], room.factors[1], room.factors[2])
    for channel in 0..<runs.channels { centre[channel] = channel < channels ? mean[channel] : 0 }
    addSums(room, lanes) { place, channel, rows, stride in
      let middle = UnsafePointer(centre).eight(at: channel)
      var (sum, products) = (Eight.zero, Eight.zero)
      for row in 0..<rows {
        let at = place + row * stride
        let value = g.eight(at: at)
        sum += value
        products += value * (x.eight(at: at) - middle)
      }
      return (sum, products)
    }
    let count = Double(runs.count)
    // ∂x = factor g + slope (x − mean) + level; the factor takes the place of the sums, which are read by then.
    let factors = UnsafeMutableRawPointer(room.sums).assumingMemoryBound(to: Float.self)
    var found: [(factor: Float, slope: Float, level: Float)] = []
    found.reserveCapacity(runs.channels)
    for channel in 0..<runs.channels {
      guard channel < channels else {
        found.append((0, 0, 0))
        continue
      }
      let (sum, products) = total(room, channel)
      let inverse = 1 / (Double(variance[channel]) + Double(epsilon)).squareRoot()
      (toShift[channel], toScale[channel]) = (Float(sum), Float(products * inverse))
      let factor = Double(scale[channel]) * inverse
      found.append(
        (
          Float(factor), Float(-factor * inverse * inverse * products / count), Float(-factor * sum / count)
        ))
    }
    for (channel, one) in found.enumerated() {
      (factors[channel], slope[channel], level[channel]) = one
    }
    lanes.share(ChannelRuns.segments) { segments in
      for segment in segments {
        for piece in runs.pieces(of: segment) {
          runs.forEachEight(of: piece) { place, channel in
            let a = UnsafePointer(factors).eight(at: channel)
            let (b, c) = (UnsafePointer(slope).eight(at: channel), UnsafePointer(level).eight(at: channel))
            let middle = UnsafePointer(centre).eight(at: channel)
            for row in 0..<piece.rows {
              let at = place + row * runs.width
              toSource.store(a * g.eight(at: at) + b * (x.eight(at: at) - middle) + c, at: at)
            }
          }
        }
      }
    }
  }

  /// Adds up two sums for each channel, segment by segment.
  @inline(__always)
  private func addSums(
    _ room: Room, _ lanes: Lanes,
    _ sums: (_ place: Int, _ channel: Int, _ rows: Int, _ stride: Int) -> (Eight, Eight)
  ) {
    let channels = runs.channels
    withoutActuallyEscaping(sums) { sums in
      lanes.share(ChannelRuns.segments) { segments in
        for segment in segments {
          let own = room.sums + 2 * segment * channels
          own.update(repeating: 0, count: 2 * channels)
          for piece in runs.pieces(of: segment) {
            runs.forEachEight(of: piece) { place, channel in
              let (first, second) = sums(place, channel, piece.rows, runs.width)
              for lane in 0..<8 {
                own[channel + lane] += Double(first[lane])
                own[channels + channel + lane] += Double(second[lane])
              }
            }
          }
        }
      }
    }
  }

  private func total(_ room: Room, _ channel: Int) -> (Double, Double) {
    var sums = (0.0, 0.0)
    for segment in 0..<ChannelRuns.segments {
      let own = room.sums + 2 * segment * runs.channels
      sums.0 += own[channel]
      sums.1 += own[runs.channels + channel]
    }
    return sums
  }
}

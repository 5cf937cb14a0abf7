/// The median of the places around each place of a line, `length / 2` before it and the rest after, the line mirrored
/// at its ends (`d c b a | a b c d | d c b a`): `scipy.ndimage.median_filter(mode="reflect")` along one axis.
///
/// The window is kept sorted, and each step takes one value out and puts one in: time `O(places · length)`, moves of a
/// few neighbouring values.
struct MedianFilter {
  let length: Int
  private var window: [Float] = []
  private var extended: [Float] = []

  /// - Parameter length: odd.
  init(length: Int) {
    precondition(length > 0 && length % 2 == 1, "a median of \(length) values")
    self.length = length
  }

  /// Filters the line of values every `step` places from `start` on into the same places of `output`.
  mutating func run(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>, from start: Int,
    step: Int, count: Int
  ) {
    guard count > 0 else { return }
    let reach = length / 2
    extended.removeAll(keepingCapacity: true)
    for place in -reach..<count + reach {
      let turned = ((place % (2 * count)) + 2 * count) % (2 * count)
      extended.append(input[start + (turned < count ? turned : 2 * count - 1 - turned) * step])
    }
    window = extended[..<length].sorted()
    window.withUnsafeMutableBufferPointer { window in
      extended.withUnsafeBufferPointer { extended in
        output[start] = window[reach]
        for place in 1..<max(1, count) {
          Self.replace(extended[place - 1], by: extended[place + length - 1], in: window)
          output[start + place * step] = window[reach]
        }
      }
    }
  }

  /// What lies between the old value and the new one moves up or down by a place.
  private static func replace(_ old: Float, by new: Float, in window: UnsafeMutableBufferPointer<Float>) {
    var (low, high) = (0, window.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if window[middle] < old { low = middle + 1 } else { high = middle }
    }
    while low + 1 < window.count, window[low + 1] < new {
      window[low] = window[low + 1]
      low += 1
    }
    while low > 0, window[low - 1] > new {
      window[low] = window[low - 1]
      low -= 1
    }
    window[low] = new
  }
}

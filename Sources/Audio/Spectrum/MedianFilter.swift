/// The median of the places around each place of a line, `length / 2` before it and the rest after, the line mirrored
/// at its ends (`d c b a | a b c d | d c b a`): `scipy.ndimage.median_filter(mode="reflect")` along one axis.
///
/// The window is kept sorted. Each step takes one value out and puts one in, both for all places at once and without a
/// branch: with `c[i]` the window without the old value, `c[i] = a[i] < old ? a[i] : a[i + 1]`, the next window is
/// `max(c[i − 1], min(c[i], new))`. Time `O(places · length)`, in vectors of four.
struct MedianFilter {
  let length: Int
  /// Two windows in turns, each between a value that is smaller than all and some that are larger.
  private var windows: [Float]
  private var extended: [Float] = []
  /// The places of a window with what stands before and behind, and where its first value stands.
  private let stride: Int
  private static let lead = 4

  /// - Parameter length: odd.
  init(length: Int) {
    precondition(length > 0 && length % 2 == 1, "a median of \(length) values")
    self.length = length
    stride = Self.lead + (length + 3) / 4 * 4 + 4
    windows = Array(repeating: .infinity, count: 2 * stride)
    for place in 0..<Self.lead {
      windows[place] = -.infinity
      windows[stride + place] = -.infinity
    }
  }

  /// Filters the line of values every `step` places from `start` on into the same places of `output`.
  mutating func run(
    _ input: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>, from start: Int,
    step: Int, count: Int
  ) {
    guard count > 0 else { return }
    let (reach, stride, length) = (length / 2, stride, length)
    extended.removeAll(keepingCapacity: true)
    for place in -reach..<count + reach {
      let turned = ((place % (2 * count)) + 2 * count) % (2 * count)
      extended.append(input[start + (turned < count ? turned : 2 * count - 1 - turned) * step])
    }
    for (place, value) in extended[..<length].sorted().enumerated() { windows[Self.lead + place] = value }
    windows.withUnsafeMutableBufferPointer { windows in
      extended.withUnsafeBufferPointer { extended in
        guard var now = windows.baseAddress, let values = extended.baseAddress else { return }
        now += Self.lead
        var next = now + stride
        output[start] = now[reach]
        for place in 1..<max(1, count) {
          Self.replace(values[place - 1], by: values[place + length - 1], in: now, into: next, length)
          (now, next) = (next, now)
          output[start + place * step] = now[reach]
        }
      }
    }
  }

  @inline(__always)
  private static func replace(
    _ old: Float, by new: Float, in window: UnsafeMutablePointer<Float>,
    into target: UnsafeMutablePointer<Float>, _ length: Int
  ) {
    let (old, new) = (SIMD4(repeating: old), SIMD4(repeating: new))
    for place in Swift.stride(from: 0, to: length, by: 4) {
      let source = UnsafeRawPointer(window + place)
      let before = source.loadUnaligned(fromByteOffset: -4, as: SIMD4<Float>.self)
      let here = source.loadUnaligned(as: SIMD4<Float>.self)
      let after = source.loadUnaligned(fromByteOffset: 4, as: SIMD4<Float>.self)
      let without = after.replacing(with: here, where: here .< old)
      let withoutBefore = here.replacing(with: before, where: before .< old)
      let low = without.replacing(with: new, where: new .< without)
      let sorted = low.replacing(with: withoutBefore, where: low .< withoutBefore)
      UnsafeMutableRawPointer(target + place).storeBytes(of: sorted, as: SIMD4<Float>.self)
    }
  }
}

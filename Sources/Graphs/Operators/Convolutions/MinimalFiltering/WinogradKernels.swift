/// Kernels of 3 × 3 numbers on their way into minimal filtering and back: `G w Gᵀ` of weights, and `Gᵀ m G` of the
/// gradients of that. G = [1 0 0; ½ ½ ½; ½ −½ ½; 0 0 1].
///
/// Four kernels at a time, whose numbers are neighbours among the sixteen, which lie `plane` numbers apart.
enum WinogradKernels {
  /// `G w Gᵀ` of weights `[O, C, 3, 3]`, as `[16, C, O]`, or of the mirrored kernels with the channels exchanged, as
  /// `[16, O, C]`; only some of the last axis.
  ///
  /// - Parameters:
  ///   - columns: of the last axis; their number is a multiple of four.
  ///   - stride: how far apart the rows of the result lie.
  static func spread(
    _ weights: UnsafePointer<Float>, outputs: Int, channels: Int, mirrored: Bool, columns: Range<Int>,
    into result: UnsafeMutablePointer<Float>, stride: Int, plane: Int
  ) {
    if mirrored {
      for row in 0..<outputs {
        let kernels = weights + (row * channels + columns.lowerBound) * 9
        for column in Swift.stride(from: 0, to: columns.count, by: 4) {
          let w = load(kernels + column * 9, step: 9)
          spread(
            (w.8, w.7, w.6), (w.5, w.4, w.3), (w.2, w.1, w.0), into: result + row * stride + column,
            plane: plane)
        }
      }
      return
    }
    // Sixteen columns at a time fill whole lines of the caches.
    for first in Swift.stride(from: 0, to: columns.count, by: 16) {
      for row in 0..<channels {
        let kernels = weights + ((columns.lowerBound + first) * channels + row) * 9
        for column in Swift.stride(from: 0, to: min(16, columns.count - first), by: 4) {
          let w = load(kernels + column * channels * 9, step: 9 * channels)
          spread(
            (w.0, w.1, w.2), (w.3, w.4, w.5), (w.6, w.7, w.8), into: result + row * stride + first + column,
            plane: plane)
        }
      }
    }
  }

  private typealias Three = (Four, Four, Four)

  @inline(__always)
  private static func spread(
    _ a: Three, _ b: Three, _ c: Three, into result: UnsafeMutablePointer<Float>, plane: Int
  ) {
    @inline(__always) func row(_ number: Int, _ a: Four, _ b: Four, _ c: Four) {
      let result = result + 4 * number * plane
      let outer = a + c
      a.store(at: result)
      ((outer + b) * 0.5).store(at: result + plane)
      ((outer - b) * 0.5).store(at: result + 2 * plane)
      c.store(at: result + 3 * plane)
    }
    let outer = (a.0 + c.0, a.1 + c.1, a.2 + c.2)
    row(0, a.0, a.1, a.2)
    row(1, (outer.0 + b.0) * 0.5, (outer.1 + b.1) * 0.5, (outer.2 + b.2) * 0.5)
    row(2, (outer.0 - b.0) * 0.5, (outer.1 - b.1) * 0.5, (outer.2 - b.2) * 0.5)
    row(3, c.0, c.1, c.2)
  }

  /// `Gᵀ m G` of `[16, rows, columns]`, as kernels `[rows, columns, 3, 3]`.
  static func gather(
    _ sums: UnsafePointer<Float>, rows: Int, columns: Int, plane: Int,
    into result: UnsafeMutablePointer<Float>
  ) {
    // The kernels of all rows lie one behind another, as the sums do.
    for place in stride(from: 0, to: rows * columns, by: 4) {
      @inline(__always) func row(_ number: Int) -> Three {
        let m = sums + place + 4 * number * plane
        let (a, b) = (Four(m), Four(m + plane))
        let (c, d) = (Four(m + 2 * plane), Four(m + 3 * plane))
        let half = (b + c) * 0.5
        return (a + half, (b - c) * 0.5, half + d)
      }
      let (a, b, c, d) = (row(0), row(1), row(2), row(3))
      let half = ((b.0 + c.0) * 0.5, (b.1 + c.1) * 0.5, (b.2 + c.2) * 0.5)
      store(
        (
          a.0 + half.0, a.1 + half.1, a.2 + half.2,
          (b.0 - c.0) * 0.5, (b.1 - c.1) * 0.5, (b.2 - c.2) * 0.5,
          half.0 + d.0, half.1 + d.1, half.2 + d.2
        ), at: result + 9 * place)
    }
  }

  private typealias Nine = (Four, Four, Four, Four, Four, Four, Four, Four, Four)

  /// The numbers of four kernels, `step` apart, by place.
  @inline(__always)
  private static func load(_ kernels: UnsafePointer<Float>, step: Int) -> Nine {
    let (k, l, m, n) = (kernels, kernels + step, kernels + 2 * step, kernels + 3 * step)
    let a = transposed(Four(k), Four(l), Four(m), Four(n))
    let b = transposed(Four(k + 4), Four(l + 4), Four(m + 4), Four(n + 4))
    return (a.0, a.1, a.2, a.3, b.0, b.1, b.2, b.3, Four(k[8], l[8], m[8], n[8]))
  }

  /// Four kernels, one behind another.
  @inline(__always)
  private static func store(_ w: Nine, at kernels: UnsafeMutablePointer<Float>) {
    let a = transposed(w.0, w.1, w.2, w.3)
    let b = transposed(w.4, w.5, w.6, w.7)
    @inline(__always) func store(_ kernel: Int, _ a: Four, _ b: Four) {
      a.store(at: kernels + 9 * kernel)
      b.store(at: kernels + 9 * kernel + 4)
      kernels[9 * kernel + 8] = w.8[kernel]
    }
    store(0, a.0, b.0)
    store(1, a.1, b.1)
    store(2, a.2, b.2)
    store(3, a.3, b.3)
  }

  @inline(__always)
  private static func transposed(_ a: Four, _ b: Four, _ c: Four, _ d: Four) -> (Four, Four, Four, Four) {
    (
      Four(a[0], b[0], c[0], d[0]), Four(a[1], b[1], c[1], d[1]), Four(a[2], b[2], c[2], d[2]),
      Four(a[3], b[3], c[3], d[3])
    )
  }
}

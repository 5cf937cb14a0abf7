package import OneDNN
package import Tensors

/// A sliding window as a file describes it, before the shapes are known.
package struct Window: Sendable, Hashable {
  /// How the padding is found.
  package enum Padding: Sendable, Hashable {
    /// Given for each spatial axis, in front and behind.
    case explicit(before: [Int], after: [Int])
    /// As much as makes the result `ceil(extent / stride)` long; an odd place goes behind (`SAME_UPPER`) or in front.
    case same(oddBehind: Bool)
  }

  package var kernel: [Int]
  package var strides: [Int]
  package var dilations: [Int]
  package var padding: Padding
  /// Whether a window that starts inside but ends outside still counts.
  package var roundsUp = false

  /// The window on the last axes of `shape`, and the extents of its result.
  package func geometry(over shape: Shape) throws(ShapeMismatch) -> (WindowGeometry, output: [Int]) {
    let spatial = Array(shape.dimensions.suffix(kernel.count))
    guard shape.rank == kernel.count + 2, strides.count == kernel.count, dilations.count == kernel.count
    else {
      throw ShapeMismatch("a window of rank \(kernel.count) does not fit a tensor of shape \(shape)")
    }
    var geometry = WindowGeometry(
      kernel: kernel, strides: strides, dilations: dilations, padsBefore: [], padsAfter: [])
    var output: [Int] = []
    for axis in kernel.indices {
      let reach = (kernel[axis] - 1) * dilations[axis] + 1
      var before = 0
      var after = 0
      switch padding {
      case .explicit(let padsBefore, let padsAfter):
        guard padsBefore.count == kernel.count, padsAfter.count == kernel.count else {
          throw ShapeMismatch("\(padsBefore.count) pads for a window of rank \(kernel.count)")
        }
        (before, after) = (padsBefore[axis], padsAfter[axis])
      case .same(let oddBehind):
        let wanted = (spatial[axis] + strides[axis] - 1) / strides[axis]
        let total = max(0, (wanted - 1) * strides[axis] + reach - spatial[axis])
        before = oddBehind ? total / 2 : total - total / 2
        after = total - before
      }
      let room = spatial[axis] + before + after - reach
      guard room >= 0 || roundsUp && room > -strides[axis] else {
        throw ShapeMismatch(
          "a window of \(reach) does not fit \(spatial[axis]) places (axis \(axis + 2) of \(shape))")
      }
      // oneDNN wants the padding that the last window reaches into, where it overhangs the end.
      var count = room < 0 ? 1 : room / strides[axis] + 1
      if room < 0 { after -= room }
      if roundsUp, room > 0, room % strides[axis] != 0, count * strides[axis] < spatial[axis] + before {
        after += count * strides[axis] - room
        count += 1
      }
      geometry.padsBefore.append(before)
      geometry.padsAfter.append(after)
      output.append(count)
    }
    return (geometry, output)
  }

  /// The window that covers the whole of the last axes of `shape`.
  package static func covering(_ shape: Shape) -> Window {
    let spatial = Array(shape.dimensions.dropFirst(2))
    let zeros = [Int](repeating: 0, count: spatial.count)
    let ones = [Int](repeating: 1, count: spatial.count)
    return Window(
      kernel: spatial, strides: ones, dilations: ones, padding: .explicit(before: zeros, after: zeros))
  }
}

import Glibc
import Tensors

/// How a resampling finds, for each place of its result, the place of its operand: ONNX's
/// `coordinate_transformation_mode`, `scales`, `sizes` and `roi`.
package struct ResampledAxes: Sendable {
  package enum Transformation: String, Sendable {
    case halfPixel = "half_pixel"
    case symmetricHalfPixel = "half_pixel_symmetric"
    /// As `halfPixel`, but an axis of 1 shows place 0.
    case pytorchHalfPixel = "pytorch_half_pixel"
    case alignedCorners = "align_corners"
    case asymmetric
    case halfPixelForNearest = "tf_half_pixel_for_nn"
    case crop = "tf_crop_and_resize"
  }

  package enum Target: Sendable {
    case scales([Float])
    case sizes([Int])
    /// The largest that fits into these sizes and keeps the proportions, or the smallest that they fit into.
    case proportionalSizes([Int], within: Bool)
  }

  package let transformation: Transformation
  /// nil: all, in order.
  package let axes: [Int]?
  package let target: Target
  /// For `crop`: where each axis begins, then where each ends, as parts of its extent.
  package let region: [Float]

  package init(_ transformation: Transformation, axes: [Int]?, target: Target, region: [Float]) {
    (self.transformation, self.axes, self.target, self.region) = (transformation, axes, target, region)
  }

  /// One axis: what it was, what it becomes, by which factor.
  struct Axis: Sendable {
    let place: Int
    let extent: Int
    let result: Int
    let scale: Float
    let region: (start: Float, end: Float)
  }

  func resolved(_ source: Shape) throws(ShapeMismatch) -> [Axis] {
    let places = try source.places(ofAxes: axes)
    let extents = places.map { source[$0] }
    var results: [Int] = []
    var scales: [Float] = []
    switch target {
    case .scales(let given):
      scales = given
      guard given.allSatisfy({ $0 > 0 && $0 < 0x1p30 }), given.count == places.count else {
        throw ShapeMismatch("\(source) resized by \(given)")
      }
      results = zip(extents, given).map { Int(min(0x1p41, (Float($0) * $1).rounded(.down))) }
    case .sizes(let given), .proportionalSizes(let given, _):
      guard given.allSatisfy({ (1...1 << 40).contains($0) }), given.count == places.count else {
        throw ShapeMismatch("\(source) resized to \(given)")
      }
      results = given
      scales = zip(given, extents).map { Float($0) / Float($1) }
      if case .proportionalSizes(_, let within) = target, let first = scales.first {
        let scale = scales.reduce(first) { within ? min($0, $1) : max($0, $1) }
        results = extents.map { Int(min(0x1p41, (scale * Float($0)).rounded())) }
        scales = extents.map { _ in scale }
      }
    }
    guard transformation != .crop || region.count == 2 * places.count else {
      throw ShapeMismatch("a region of \(region.count) numbers for \(places.count) axes")
    }
    return places.indices.map { index in
      let bounds = transformation == .crop ? (region[index], region[places.count + index]) : (0, 1)
      return Axis(
        place: places[index], extent: extents[index], result: results[index], scale: scales[index],
        region: bounds)
    }
  }

  func outputShape(_ source: Shape) throws(ShapeMismatch) -> Shape {
    var extents = source.dimensions
    for axis in try resolved(source) { extents[axis.place] = axis.result }
    return try Shape(checking: extents)
  }

  /// Where on the operand's axis place `index` of the result lies, in its places; in float32, as ONNX Runtime has it,
  /// since nearest places hang on the last digit.
  func coordinate(_ index: Int, on axis: Axis) -> Float {
    let (x, scale, last) = (Float(index), axis.scale, Float(axis.extent - 1))
    // A scale of 1 leaves an axis as it is, whatever the transformation (as in ONNX Runtime).
    if axis.extent == axis.result, scale == 1 { return x }
    switch transformation {
    case .halfPixel: return (x + 0.5) / scale - 0.5
    case .symmetricHalfPixel:
      let adjustment = Float(axis.result) / (scale * Float(axis.extent))
      return Float(axis.extent) / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5
    case .pytorchHalfPixel: return axis.result > 1 ? (x + 0.5) / scale - 0.5 : 0
    case .alignedCorners: return axis.result > 1 ? x * last / Float(axis.result - 1) : 0
    case .asymmetric: return x / scale
    case .halfPixelForNearest: return (x + 0.5) / scale
    case .crop:
      let (start, end) = axis.region
      guard axis.result > 1 else { return 0.5 * (start + end) * last }
      return start * last + x * (end - start) * last / Float(axis.result - 1)
    }
  }

  /// Whether a coordinate lies beyond the operand, where a crop shows its extrapolation value.
  func isOutside(_ coordinate: Float, _ axis: Axis) -> Bool {
    transformation == .crop && !(coordinate >= 0 && coordinate <= Float(axis.extent - 1))
  }

  /// The receptive field of the result, when each of its places reads about `reach` places more along an axis.
  func field(_ field: ReceptiveField?, source: Shape?, result: Shape, reach: (Axis) -> Double)
    -> ReceptiveField
  {
    guard var field, let source, let axes = try? resolved(source) else {
      return ReceptiveField(axes: result.dimensions.map { _ in nil })
    }
    for resampled in axes where resampled.extent != resampled.result {
      guard var axis = field.axes[resampled.place] else { continue }
      let first = Double(coordinate(0, on: resampled))
      let reach = reach(resampled)
      let step = resampled.result > 1 ? Double(coordinate(1, on: resampled)) - first : 1
      axis.start += (first - reach / 2) * axis.jump
      axis.size += reach * abs(axis.jump)
      axis.jump *= step
      field.axes[resampled.place] = axis
    }
    return field
  }
}

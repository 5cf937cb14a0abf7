public import Tensors
import OneDNN

/// Which stretch of a network's input each place of an inner tensor is made from, axis by axis.
///
/// Along an axis that follows input axis `a`, place `i` reads the input's places `start + i·jump ..< start + i·jump
/// + size` (before clipping to the input; padding makes `start` negative). Sizes and starts follow the usual
/// recurrences (Araujo et al., Distill 2019): through a window of extent `k`, stride `s` and padding `p`,
/// `size += (k−1)·jump`, `start −= p·jump`, `jump *= s`.
public struct ReceptiveField: Sendable, Hashable {
  public struct Axis: Sendable, Hashable {
    /// The axis of the network's input that this axis runs along.
    public var inputAxis: Int
    public var start: Double
    public var jump: Double
    public var size: Double

    /// Where the middle of place `index` lies on the input axis, in places of the input.
    public func centre(_ index: Double) -> Double { start + index * jump + (size - 1) / 2 }
  }

  /// For each axis of the tensor: what it follows; nil for axes that follow none (batch, channels, flattened).
  public var axes: [Axis?]

  /// The axis of the tensor that runs along axis `inputAxis` of the input, if one does.
  public func axis(along inputAxis: Int) -> Int? { axes.firstIndex { $0?.inputAxis == inputAxis } }

  /// Every axis of the input follows itself.
  static func input(rank: Int) -> ReceptiveField {
    ReceptiveField(axes: (0..<rank).map { Axis(inputAxis: $0, start: 0, jump: 1, size: 1) })
  }

  /// The field after a window has slid over the last axes.
  func through(_ window: WindowGeometry) -> ReceptiveField {
    var result = self
    let first = axes.count - window.kernel.count
    for place in window.kernel.indices {
      guard var axis = result.axes[first + place] else { continue }
      axis.size += Double((window.kernel[place] - 1) * window.dilations[place]) * axis.jump
      axis.start -= Double(window.padsBefore[place]) * axis.jump
      axis.jump *= Double(window.strides[place])
      result.axes[first + place] = axis
    }
    return result
  }

  /// The field of an element-wise result: operands aligned at their last axes, the union of what they read. What is
  /// stretched along an axis (the gate of a squeeze-and-excitation block) is left out of it there.
  static func merged(_ fields: [ReceptiveField?], _ shapes: [Shape?], into output: Shape) -> ReceptiveField {
    var axes = [Axis?](repeating: nil, count: output.rank)
    var unknown: Set<Int> = []
    for (field, shape) in zip(fields, shapes) {
      guard let field, let shape, shape.rank <= output.rank else { continue }
      for (place, axis) in field.axes.enumerated()
      where shape[place] == output[output.rank - shape.rank + place] {
        let place = output.rank - shape.rank + place
        guard let axis else {
          unknown.insert(place)
          continue
        }
        guard let other = axes[place] else {
          axes[place] = axis
          continue
        }
        guard other.inputAxis == axis.inputAxis, other.jump == axis.jump else {
          unknown.insert(place)
          continue
        }
        let start = min(axis.start, other.start)
        let end = max(axis.start + axis.size, other.start + other.size)
        axes[place] = Axis(inputAxis: axis.inputAxis, start: start, jump: axis.jump, size: end - start)
      }
    }
    for place in unknown { axes[place] = nil }
    return ReceptiveField(axes: axes)
  }
}

extension Graph {
  /// The receptive field of every tensor on `input`. A tensor without one does not depend on that input.
  ///
  /// - Parameter throughStatistics: leaves out what a normalization's mean and deviation see, as the gate of a
  ///   squeeze-and-excitation block is left out: for where a place lies, not for all that it hangs on.
  public func receptiveFields(
    of input: TensorName, shapes: [TensorName: Shape], throughStatistics: Bool = false
  ) -> [TensorName: ReceptiveField] {
    guard let shape = shapes[input] else { return [:] }
    var fields = [input: ReceptiveField.input(rank: shape.rank)]
    for node in nodes {
      let operands = node.inputs.map { fields[$0] }
      guard operands.contains(where: { $0 != nil }) else { continue }
      for name in node.outputs where !name.isEmpty {
        guard let output = shapes[name] else { continue }
        guard !throughStatistics || !(node.operation is Standardization) else {
          fields[name] = .merged(
            Array(operands.prefix(1)), node.inputs.prefix(1).map { shapes[$0] }, into: output)
          continue
        }
        fields[name] = node.operation.field(
          operands, inputShapes: node.inputs.map { shapes[$0] }, outputShape: output)
      }
    }
    return fields
  }
}

import OneDNN
import Tensors

extension Pooling {
  /// Emits where each maximum of `source` is found: its place in the whole tensor, counted row by row (or with the
  /// first spatial axis fastest); the first of equals.
  func emitPositions(_ name: TensorName, of source: TensorName, in lowering: Lowering) throws {
    let shape = try lowering.shape(source)
    let (window, output) = try geometry(over: shape)
    let taps = WindowTaps(window, over: Array(shape.dimensions.dropFirst(2)), output, columnsFirst)
    let planes = shape[0] * shape[1]
    let width = taps.extents.reduce(1, *)
    let places = taps.output.reduce(1, *)
    let operand = try lowering.use(source, as: .plain(shape.dimensions))
    let result = lowering.define(name, try .plain(shape.dimensions.prefix(2) + output))
    let work = saturatingProduct(planes * places, taps.kernel.reduce(1, saturatingProduct))
    let kernel = NativeKernel(work: work) { inputs, outputs, lanes in
      let (values, positions) = (inputs[0], outputs[0])
      lanes.share(planes) { range in
        for plane in range {
          taps.findMaxima(values + plane * width, offset: plane * width, into: positions + plane * places)
        }
      }
    }
    lowering.emit(kernel, inputs: [operand], outputs: [result])
  }
}

/// A window on three axes, the missing ones of extent 1 in front.
private struct WindowTaps: Sendable {
  var extents: [Int]
  var output: [Int]
  var kernel: [Int]
  private let strides: [Int]
  private let dilations: [Int]
  private let before: [Int]
  /// How far apart neighbours along each axis are counted.
  private let steps: [Int]

  init(_ window: WindowGeometry, over extents: [Int], _ output: [Int], _ columnsFirst: Bool) {
    func padded(_ values: [Int], with value: Int) -> [Int] {
      [Int](repeating: value, count: 3 - values.count) + values
    }
    self.extents = padded(extents, with: 1)
    self.output = padded(output, with: 1)
    kernel = padded(window.kernel, with: 1)
    strides = padded(window.strides, with: 1)
    dilations = padded(window.dilations, with: 1)
    before = padded(window.padsBefore, with: 0)
    let backwards = extents.indices.map { extents[..<$0].reduce(1, *) }
    steps = padded(columnsFirst ? backwards : Shape(extents).strides, with: 0)
  }

  func findMaxima(
    _ values: UnsafePointer<Float>, offset: Int, into positions: UnsafeMutablePointer<Float>
  ) {
    var place = 0
    for a in 0..<output[0] {
      for b in 0..<output[1] {
        for c in 0..<output[2] {
          positions[place] = Float(offset + position(ofMaximumIn: values, a, b, c))
          place += 1
        }
      }
    }
  }

  private func position(ofMaximumIn values: UnsafePointer<Float>, _ a: Int, _ b: Int, _ c: Int) -> Int {
    var (largest, found) = (-Float.infinity, -1)
    for i in taps(0, a) {
      for j in taps(1, b) {
        for k in taps(2, c) {
          let value = values[(i * extents[1] + j) * extents[2] + k]
          guard value > largest || found < 0 else { continue }
          (largest, found) = (value, i * steps[0] + j * steps[1] + k * steps[2])
        }
      }
    }
    return max(found, 0)
  }

  /// The places along `axis` that the window at `place` reads.
  private func taps(_ axis: Int, _ place: Int) -> StrideTo<Int> {
    let start = place * strides[axis] - before[axis]
    let dilation = dilations[axis]
    let first = start < 0 ? start + (-start + dilation - 1) / dilation * dilation : start
    return stride(from: first, to: min(extents[axis], start + kernel[axis] * dilation), by: dilation)
  }
}

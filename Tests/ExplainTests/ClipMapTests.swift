import Audio
import Explain
import Graphs
import Models
import Tensors
import TestSupport
import Testing

/// Maps brought from a layer's places to the bins of a clip. The method is a stub, so that the map is known.
struct ClipMapTests {
  /// The same map for every patch, or one that says which patch it is.
  struct Stub: GradientWeighting {
    var value: @Sendable (_ patch: Int, _ place: Int) -> Float

    func weigh(_ activations: Tensor, _ gradients: Tensor) -> Tensor {
      let shape = Shape([activations.shape[0], 1] + activations.shape.dimensions.dropFirst(2))
      let places = shape.count / shape[0]
      return Tensor(shape, (0..<shape.count).map { value($0 / places, $0 % places) })
    }
  }

  /// A convolution and a pooling, and which bins each place of them is made from.
  struct Stack: Sendable, CustomTestStringConvertible {
    var kernel: [Int]
    var strides: [Int]
    var pads: [Int]
    var pooling = [1, 1]

    var testDescription: String { "kernel \(kernel), strides \(strides), pads \(pads), pooling \(pooling)" }

    func file(_ input: [HandmadeONNX.Extent]) -> HandmadeONNX {
      var file = HandmadeONNX(input: "sound", input)
      file.add(
        "Conv", ["sound"], "maps", weights: [Tensor(Shape([2, 1] + kernel), repeating: 1)],
        ["strides": strides, "pads": pads + pads])
      file.add("AveragePool", ["maps"], "layer", ["kernel_shape": pooling, "strides": pooling])
      file.classify("layer", Tensor([2, 1], repeating: 1))
      return file
    }

    /// The middle of the bins that place `index` along an axis is made from.
    func centre(_ index: Int, _ axis: Int) -> Double {
      let first = index * pooling[axis] * strides[axis] - pads[axis]
      let last = first + (pooling[axis] - 1) * strides[axis] + kernel[axis] - 1
      return Double(first + last) / 2
    }
  }

  private static let stacks = [
    Stack(kernel: [1, 1], strides: [1, 1], pads: [0, 0]),
    Stack(kernel: [3, 5], strides: [2, 3], pads: [1, 2]),
    Stack(kernel: [4, 3], strides: [3, 2], pads: [0, 0]),
    Stack(kernel: [3, 3], strides: [1, 2], pads: [1, 0], pooling: [2, 2]),
    Stack(kernel: [5, 3], strides: [2, 1], pads: [0, 1], pooling: [3, 4]),
    Stack(kernel: [16, 3], strides: [1, 1], pads: [0, 1]),
  ]

  /// How much place `index` of `count` gives to a bin: bilinear, the outermost places hold to the border.
  private func share(_ bin: Int, _ index: Int, count: Int, _ centre: (Int) -> Double) -> Double {
    guard count > 1 else { return 1 }
    let position = min(max((Double(bin) - centre(0)) / (centre(1) - centre(0)), 0), Double(count - 1))
    return max(0, 1 - abs(position - Double(index)))
  }

  @Test(
    "Each place lies at the centre of its receptive field, bands last or first", arguments: stacks,
    [false, true])
  func places(stack: Stack, bandsFirst: Bool) throws {
    let (frames, bands) = (16, 12)
    // A band-first network sees the same stack of layers turned round.
    var turned = stack
    if bandsFirst {
      turned.kernel.reverse()
      turned.strides.reverse()
      turned.pads.reverse()
      turned.pooling.reverse()
    }
    let file = turned.file(
      bandsFirst ? ["N", 1, .fixed(bands), .fixed(frames)] : ["N", 1, .fixed(frames), .fixed(bands)])
    let model = try file.model(frontEnd(frames: frames, bands: bands))
    let score = try NetworkScore(model.network, tensor: "logits", element: 0)
    let shape = try model.network.shape(of: "layer", at: model.patchInputShape)
    let (rows, columns) = bandsFirst ? (shape[3], shape[2]) : (shape[2], shape[3])
    for row in 0..<rows {
      for column in 0..<columns {
        let hot = bandsFirst ? column * rows + row : row * columns + column
        let map = try model.clipMap(
          Stub { _, place in place == hot ? 1 : 0 }, score, layers: ["layer"],
          logMel: Tensor([frames, bands]))
        let expected = (0..<frames * bands).map { bin in
          Float(
            share(bin / bands, row, count: rows) { stack.centre($0, 0) }
              * share(bin % bands, column, count: columns) { stack.centre($0, 1) })
        }
        // Products of two shares, computed in another order.
        #expect(largestDifference(map, Tensor([frames, bands], expected)) < 1e-6)
        // The nearest bin to the centre is the highest, where the centre is a bin.
        let (frame, band) = (stack.centre(row, 0), stack.centre(column, 1))
        if frame == frame.rounded(), band == band.rounded(), (0..<Double(frames)).contains(frame),
          (0..<Double(bands)).contains(band)
        {
          #expect(map[Int(frame), Int(band)] == map.values.max())
        }
      }
    }
  }

  @Test("A map along one axis is the same along the other", arguments: ["frames", "bands"])
  func oneAxis(along axis: String) throws {
    // A 1-D convolution takes the first axis for its channels.
    let (frames, bands) = (16, 12)
    let (channels, places) = axis == "frames" ? (bands, frames) : (frames, bands)
    var file = HandmadeONNX(input: "sound", ["N", .fixed(channels), .fixed(places)])
    file.add("Conv", ["sound"], "layer", weights: [Tensor([2, channels, 3], repeating: 1)], ["strides": [2]])
    file.classify("layer", Tensor([2, 1], repeating: 1))
    let model = try file.model(frontEnd(frames: frames, bands: bands))
    let score = try NetworkScore(model.network, tensor: "logits", element: 0)
    let map = try model.clipMap(
      Stub { _, place in Float(place) }, score, layers: ["layer"], logMel: Tensor([frames, bands]))
    let last = (places - 3) / 2
    for frame in 0..<frames {
      for band in 0..<bands {
        // Place i lies at bin 2i + 1.
        let bin = axis == "frames" ? frame : band
        #expect(map[frame, band] == min(max(Float(bin - 1) / 2, 0), Float(last)))
      }
    }
  }

  @Test("What is constant stays so", arguments: stacks)
  func constant(stack: Stack) throws {
    let model = try stack.file(["N", 1, 16, 12]).model(frontEnd(frames: 16, bands: 12))
    let score = try NetworkScore(model.network, tensor: "logits", element: 0)
    let map = try model.clipMap(Stub { _, _ in 0.7 }, score, layers: ["layer"], logMel: Tensor([40, 12]))
    // Shares that sum to 1 but for their rounding.
    #expect(map.shape == [40, 12] && map.values.allSatisfy { abs($0 - 0.7) < 1e-6 })
  }

  struct Covering: Sendable {
    var tail: FrontEnd.Patch.Tail
    var frames: Int
    /// The value of each group of four frames: the mean of the numbers, from 1 on, of the patches that cover it.
    var expected: [Float]
  }

  private static let coverings: [Covering] = [
    Covering(tail: .padToHop, frames: 8, expected: [1, 1]),
    Covering(tail: .padToHop, frames: 16, expected: [1, 1.5, 2.5, 3]),
    // The last patch reaches beyond the end; a clip may be shorter than a patch.
    Covering(tail: .padToHop, frames: 14, expected: [1, 1.5, 2.5, 3]),
    Covering(tail: .padToHop, frames: 3, expected: [1]),
    // Nobody looks at the last frames.
    Covering(tail: .dropIncomplete, frames: 14, expected: [1, 1.5, 2, 0]),
    Covering(tail: .dropIncomplete, frames: 5, expected: [1, 1]),
  ]

  @Test("A bin is the mean of the patches that cover it", arguments: coverings)
  func averages(_ covering: Covering) throws {
    let stack = Stack(kernel: [1, 1], strides: [1, 1], pads: [0, 0])
    let model = try stack.file(["N", 1, 8, 3]).model(
      frontEnd(frames: 8, bands: 3, hop: 4, tail: covering.tail))
    let score = try NetworkScore(model.network, tensor: "logits", element: 0)
    let map = try model.clipMap(
      Stub { patch, _ in Float(patch + 1) }, score, layers: ["layer"], logMel: Tensor([covering.frames, 3]))
    let expected = (0..<covering.frames * 3).map { covering.expected[$0 / 3 / 4] }
    #expect(map == Tensor([covering.frames, 3], expected))
  }

  @Test("A layer that says nothing of the score, or has no places, is refused")
  func errors() throws {
    var file = Stack(kernel: [1, 1], strides: [1, 1], pads: [0, 0]).file(["N", 1, 8, 3])
    file.outputs = ["logits"]
    file.add("Sigmoid", ["layer"], "aside")
    let model = try file.model(frontEnd(frames: 8, bands: 3))
    let score = try NetworkScore(model.network, tensor: "logits", element: 0)
    let logMel = Tensor([8, 3])
    #expect(throws: GraphError.self) {
      try model.clipMap(GradCAM(), score, layers: ["aside"], logMel: logMel)
    }
    #expect(throws: ExplainError.self) {
      try model.clipMap(GradCAM(), score, layers: ["embedding"], logMel: logMel)
    }
  }
}

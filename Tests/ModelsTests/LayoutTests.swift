import Models
import Tensors
import TestSupport
import Testing

struct LayoutTests {
  struct Layout: Sendable {
    var input: [HandmadeONNX.Extent]
    var frames = 6
    var bands = 5
    var axes: String?
    var inputShape: Shape
    var pictureAxes: [Int]
    var bandsFirst = false
  }

  private static let layouts: [Layout] = [
    Layout(
      input: ["N", 1, 6, 5], inputShape: [2, 1, 6, 5], pictureAxes: [2, 3]),
    Layout(input: ["N", 6, 5], inputShape: [2, 6, 5], pictureAxes: [1, 2]),
    Layout(
      input: ["N", 6, 5, 1], inputShape: [2, 6, 5, 1], pictureAxes: [1, 2]),
    Layout(
      input: ["N", 5, 6], inputShape: [2, 5, 6], pictureAxes: [2, 1], bandsFirst: true
    ),
    Layout(
      input: ["N", 1, 5, 6], inputShape: [2, 1, 5, 6], pictureAxes: [3, 2],
      bandsFirst: true),
    // Where the extents do not tell, frames come first unless the axes say otherwise.
    Layout(
      input: ["N", 6, 6], bands: 6, inputShape: [2, 6, 6], pictureAxes: [1, 2]),
    Layout(
      input: ["N", 6, 6], bands: 6, axes: "bands-frames", inputShape: [2, 6, 6],
      pictureAxes: [2, 1], bandsFirst: true),
    Layout(
      input: ["N", 1, "frames", "bands"], inputShape: [2, 1, 6, 5],
      pictureAxes: [2, 3]),
    Layout(
      input: ["N", "a", "b"], axes: "bands-frames", inputShape: [2, 5, 6],
      pictureAxes: [2, 1], bandsFirst: true),
    Layout(
      input: ["N", "bands", 6], axes: "bands-frames", inputShape: [2, 5, 6],
      pictureAxes: [2, 1], bandsFirst: true),
  ]

  @Test("Patches reach the network in its own layout, and come back", arguments: layouts)
  func layout(_ layout: Layout) throws {
    let size = layout.frames * layout.bands
    var onnx = LinearONNX.described()
    onnx.input = layout.input
    onnx.weights = Tensor([size, 2], (0..<2 * size).map { Float($0 * 29 % 31) })
    onnx.metadata = [("otoscope.front_end", frontEndJSON(frames: layout.frames, bands: layout.bands))]
    if let axes = layout.axes { onnx.metadata.append(("otoscope.axes", axes)) }
    let model = try withScratchFolder { try onnx.model(in: $0) }

    #expect(model.pictureAxes == (layout.pictureAxes[0], layout.pictureAxes[1]))
    #expect(model.patchInputShape == ["sound": Shape([1] + layout.inputShape.dimensions.dropFirst())])
    let patches = Tensor([2, layout.frames, layout.bands], (0..<2 * size).map { Float($0) })
    let input = model.inputTensor(for: patches)
    #expect(input.shape == layout.inputShape)
    #expect(model.patches(from: input) == patches)

    // One patch long, so that the clip is the patch. Small whole numbers: the sums are exact.
    let clip = patches.rows(1..<2).reshaped(to: [layout.frames, layout.bands])
    let listening = try model.listen(toLogMel: clip)
    var flat: [Float] = []
    if layout.bandsFirst {
      for band in 0..<layout.bands { for frame in 0..<layout.frames { flat.append(clip[frame, band]) } }
    } else {
      flat = clip.values
    }
    #expect(listening.logits.values == onnx.logits(of: flat))
  }
}

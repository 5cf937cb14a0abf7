import Explain
import Graphs
import Models
import Tensors
import TestSupport
import Testing

struct ClipExplanationTests {
  private func model() throws -> AudioModel {
    var file = HandmadeONNX(input: "sound", ["N", 1, 8, 6])
    file.add(
      "Conv", ["sound"], "early", weights: [.random([4, 1, 3, 3], seed: 1)], ["pads": [1, 1, 1, 1]])
    file.add("Relu", ["early"], "early layer")
    file.add(
      "Conv", ["early layer"], "late", weights: [.random([5, 4, 3, 3], seed: 2)], ["strides": [2, 2]])
    file.add("Relu", ["late"], "late layer")
    file.classify("late layer", .random([5, 3], seed: 3))
    return try file.model(frontEnd(frames: 8, bands: 6), labels: ["Ouch", "Meow", "Woof"])
  }

  private func explanation(
    _ method: AttributionMethod, _ change: (inout AttributionMethod.Settings) -> Void = { _ in }
  ) throws -> ClipExplanation {
    let model = try model()
    let listening = try model.listen(toLogMel: .random([20, 6], seed: 4))
    var settings = AttributionMethod.Settings()
    settings.samples = 5
    settings.window = [4, 2]
    settings.strides = [2, 2]
    change(&settings)
    let target = try model.targets(.label("woof"), for: listening)[0]
    return try model.explain(listening, target: target, by: method, settings)
  }

  @Test("Every method explains a clip bin by bin", arguments: AttributionMethod.all)
  func methods(_ method: AttributionMethod) throws {
    let explanation = try explanation(method)
    let values = explanation.attribution.values
    #expect(explanation.attribution.shape == [20, 6])
    #expect(values.allSatisfy { $0.isFinite } && values.contains { $0 != 0 })
    #expect(
      explanation.method == method && explanation.target?.label == "Woof" && explanation.target?.index == 2)
    let ofLayers: Set<AttributionMethod> = [
      .cam, .gradCAM, .gradCAMPlusPlus, .layerCAM, .scoreCAM, .eigenCAM, .guidedGradCAM,
    ]
    #expect(explanation.layers == (ofLayers.contains(method) ? ["late layer"] : []))
    let isMagnitude: Set<AttributionMethod> = [
      .saliency, .squaredSmoothGrad, .varGrad, .gradCAM, .gradCAMPlusPlus, .layerCAM, .scoreCAM, .eigenCAM,
    ]
    #expect(values.contains { $0 < 0 } == !isMagnitude.contains(method))
    let shown = method == .smoothGrad ? values.map { abs($0) } : values
    #expect(explanation.picture.values == shown)
    #expect(try self.explanation(method).attribution == explanation.attribution)
  }

  @Test("A clip's map is the one that its patches' maps make; another layer makes another")
  func layers() throws {
    let (first, second) = (
      try explanation(.gradCAM), try explanation(.gradCAM) { $0.layers = ["early layer"] }
    )
    #expect(second.layers == ["early layer"] && first.attribution != second.attribution)
    let model = try model()
    let score = try NetworkScore(model.network, tensor: "logits", element: 2)
    let logMel = Tensor.random([20, 6], seed: 4)
    #expect(
      try model.clipMap(GradCAM(), score, layers: ["early layer"], logMel: logMel) == second.attribution)
  }

  @Test("What decides the result is told")
  func parameters() throws {
    func told(_ explanation: ClipExplanation) -> [String: String] {
      Dictionary(explanation.parameters.map { ($0.name, $0.value) }) { first, _ in first }
    }
    let saliency = try told(explanation(.saliency))
    #expect(saliency["method"] == "saliency" && saliency["target"] == "Woof (class 2)")
    #expect(saliency["score"] == "score 'logits', mean over 4 patches")
    #expect(saliency["mask for sound"] == ClipExplanation.maskRule && saliency["samples"] == nil)
    let cam = try told(explanation(.gradCAM))
    #expect(cam["layer"] == "late layer (the last convolutional one)")
    #expect(try told(explanation(.gradCAM) { $0.layers = ["late"] })["layer"] == "late")
    let smooth = try told(explanation(.smoothGrad) { $0.seed = 7 })
    #expect(smooth["samples"] == "5" && smooth["seed"] == "7")
    #expect(smooth["sigma"]?.hasSuffix("log-mel units (15 % of the clip's range)") == true)
    #expect(try told(explanation(.smoothGrad) { $0.sigma = 0.25 })["sigma"] == "0.25 log-mel units")
    let given = try told(explanation(.smoothGrad) { $0.noise = Tensor([3, 20, 6], repeating: 0.1) })
    #expect(
      given["samples"] == "3" && given["noise"] == "given" && given["seed"] == nil && given["sigma"] == nil)
  }

  /// A clip of one patch of 10 × 20 bins whose signed saliency is `gradient`.
  private func linear(_ gradient: [Float]) throws -> ClipExplanation {
    let file = HandmadeONNX.linear(["N", 10, 20], Tensor([200, 1], gradient))
    let model = try file.model(frontEnd(frames: 10, bands: 20))
    let listening = try model.listen(toLogMel: Tensor([10, 20], repeating: 1))
    let target = try model.targets(.top(1), for: listening)[0]
    return try model.explain(listening, target: target, by: .signedSaliency, .init())
  }

  @Test("The mask is the magnitude over its 90th percentile, at most 1")
  func mask() throws {
    // 1 … 200 with changing signs: the 90th percentile is the 180th of them, the twenty above it count as heard in full.
    let gradient = (1...200).map { Float($0 % 3 == 0 ? -$0 : $0) }
    let explanation = try linear(gradient)
    #expect(explanation.attribution.values == gradient)
    #expect(explanation.mask.shape == [10, 20])
    #expect(explanation.mask.values == (1...200).map { min(1, Float($0) / 180) })
  }

  @Test("A mask of hardly anything is scaled by the largest, one of nothing is nothing")
  func sparseMask() throws {
    let single = (0..<200).map { Float($0 == 77 ? -4 : 0) }
    #expect(try linear(single).mask.values == single.map { $0 == 0 ? 0 : 1 })
    #expect(try linear([Float](repeating: 0, count: 200)).mask == Tensor([10, 20]))
    #expect(try linear([Float](repeating: -3, count: 200)).mask == Tensor([10, 20], repeating: 1))
  }

  @Test("Silence, and a clip of nothing, have explanations without a number that is none")
  func degenerate() throws {
    let model = try model()
    for frames in [0, 1, 20] {
      let listening = try model.listen(toLogMel: Tensor([frames, 6]))
      let target = try model.targets(.index(0), for: listening)[0]
      for method in AttributionMethod.all {
        var settings = AttributionMethod.Settings()
        settings.samples = 2
        let explanation = try model.explain(listening, target: target, by: method, settings)
        #expect(explanation.attribution.shape == [frames, 6])
        #expect(explanation.attribution.values.allSatisfy { $0.isFinite }, "\(method) of \(frames) frames")
        #expect(explanation.mask.values.allSatisfy { $0 >= 0 && $0 <= 1 })
      }
    }
  }
}

import Audio
import Explain
import Graphs
import Models
import Tensors
import TestSupport
import Testing

struct ClipScoreTests {
  struct Clip: Sendable {
    var frames: Int
    var hop = 4
    var tail = FrontEnd.Patch.Tail.padToHop
    /// The first frame of each patch.
    var starts: [Int]
  }

  private static let clips: [Clip] = [
    Clip(frames: 8, starts: [0]),
    Clip(frames: 16, starts: [0, 4, 8]),
    Clip(frames: 20, hop: 3, starts: [0, 3, 6, 9, 12]),
    // The last patch reaches beyond the end, into silence.
    Clip(frames: 14, starts: [0, 4, 8]),
    Clip(frames: 3, starts: [0]),
    // musicnn's way: patches side by side, an incomplete tail that nobody looks at.
    Clip(frames: 23, hop: 8, tail: .dropIncomplete, starts: [0, 8]),
    Clip(frames: 5, hop: 8, tail: .dropIncomplete, starts: [0]),
  ]

  /// `logits = patch² · weights`, so that the gradient depends on where it is taken.
  private let weights = Tensor.random([8 * 3, 2], seed: 8)

  @Test(
    "The score is the mean of the patches' logits, its gradient the sum of theirs", arguments: clips,
    [false, true])
  func naive(clip: Clip, bandsFirst: Bool) throws {
    let file = HandmadeONNX.linear(bandsFirst ? ["N", 3, 8] : ["N", 8, 3], weights, squared: true)
    let model = try file.model(frontEnd(frames: 8, bands: 3, hop: clip.hop, tail: clip.tail))
    let score = try NetworkScore(model.network, tensor: "logits", element: 1)
    let x = Tensor.random([2, clip.frames, 3], seed: 9)
    let ours = ClipScore(model, score: score)

    var scores = [0.0, 0.0]
    var gradient = [Double](repeating: 0, count: x.count)
    for row in 0..<2 {
      for start in clip.starts {
        for frame in 0..<8 where start + frame < clip.frames {
          for band in 0..<3 {
            let weight = Double(weights[bandsFirst ? band * 8 + frame : frame * 3 + band, 1])
            let value = Double(x[row, start + frame, band])
            scores[row] += weight * value * value / Double(clip.starts.count)
            gradient[(row * clip.frames + start + frame) * 3 + band] +=
              2 * weight * value / Double(clip.starts.count)
          }
        }
      }
    }
    // Sums of some 24 products of numbers up to 1, in single precision.
    let found = try ours.scores(at: x)
    #expect(zip(found, scores).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    let derivative = try ours.gradient(at: x)
    #expect(largestDifference(derivative, Tensor(x.shape, gradient.map { Float($0) })) < 1e-6)
    if let last = clip.starts.last, last + 8 < clip.frames {
      #expect(derivative.rows(0..<1).values.suffix((clip.frames - last - 8) * 3).allSatisfy { $0 == 0 })
    }

    // One clip changed in a few bins: the same scores, whatever is left out.
    var changed = x
    changed.withUnsafeMutableValues { values in
      for place in 0..<5 where place < values.count { values[place] += 1 }
    }
    let base = x.rows(0..<1)
    let again = try ours.scores(at: changed.rows(0..<1), differingFrom: base)[0]
    #expect(abs(again - (try ours.scores(at: changed.rows(0..<1))[0])) < 1e-5)

    let listening = try model.listen(toLogMel: x.rows(0..<1).reshaped(to: [clip.frames, 3]))
    #expect(listening.patchStarts == clip.starts)
    #expect(abs(listening.clipLogits[1] - found[0]) < 1e-6)
  }

  // A central difference over a step of 0.005. The network is made of straight pieces: a step that crosses the kinks of
  // many ReLUs tells another slope. A logit near 10, averaged over 14 patches, is rounded to about 1e-7, so a shorter
  // step drowns in rounding. Both together stay below 1 % of the largest derivative; a wrong share, patch or frame is
  // off by 50 % and more.
  @Test("The saliency of a 7-second clip is the derivative of its score")
  func finiteDifferences() throws {
    let model = try Bundled.yamnet()
    let samples = try Array(Bundled.sound("loop_tabla.flac").prefix(7 * 16000))
    let listening = try model.listen(to: samples)
    #expect(listening.patchStarts.count == 14)
    let target = try model.targets(.top(1), for: listening)[0]
    let explanation = try model.explain(listening, target: target, by: .signedSaliency, .init())
    #expect(explanation.attribution.shape == listening.logMel.shape)

    let score = ClipScore(
      model, score: try NetworkScore(model.network, tensor: model.logits, element: target.index))
    let clip = listening.logMel.reshaped(to: Shape([1] + listening.logMel.shape.dimensions))
    #expect(abs(try score.scores(at: clip)[0] - listening.clipLogits[target.index]) < 1e-5)
    let largest = explanation.attribution.values.reduce(0) { max($0, abs($1)) }
    var generator = SplitMix64(seed: 2024)
    for _ in 0..<20 {
      let bin = Int.random(in: 0..<clip.count, using: &generator)
      let step: Float = 0.005
      let (up, down) = (clip.adding(step, at: bin), clip.adding(-step, at: bin))
      let scores = try score.scores(at: Tensor(joining: [up, down]))
      let derivative = (scores[0] - scores[1]) / (2 * step)
      let error = abs(derivative - explanation.attribution.values[bin]) / largest
      #expect(error < 1e-2, "bin \(bin): \(derivative), not \(explanation.attribution.values[bin])")
    }
  }
}

extension Tensor {
  fileprivate func adding(_ step: Float, at place: Int) -> Tensor {
    var moved = self
    moved.withUnsafeMutableValues { $0[place] += step }
    return moved
  }
}

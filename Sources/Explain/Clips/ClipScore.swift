import Audio
public import Models
public import Tensors

/// A class's logit for a whole clip, the mean over its patches, as a function of the clip's log-mel picture.
///
/// `x` is `[rows, frames, bands]`, each row a clip of the same length (noisy copies of one, for example). The gradient
/// is exact: a frame that several patches see collects from all of them.
public struct ClipScore: ScoreFunction {
  private let model: AudioModel
  private let score: NetworkScore

  public init(_ model: AudioModel, score: NetworkScore) {
    self.model = model
    self.score = score
  }

  public func scores(at x: Tensor) throws -> [Float] {
    let patchScores = try score.scores(at: model.inputTensor(forClips: x))
    let count = patchScores.count / max(1, x.shape[0])
    return (0..<x.shape[0]).map { row in
      Float(patchScores[row * count..<(row + 1) * count].reduce(0.0) { $0 + Double($1) } / Double(count))
    }
  }

  /// Only patches that the difference lies in are evaluated, and of those only what it reaches.
  public func scores(at x: Tensor, differingFrom base: Tensor) throws -> [Float] {
    let known = try score.scores(at: model.inputTensor(forClips: base))
    let count = known.count
    guard count > 0 else { return try scores(at: x) }
    var sums = [Double](repeating: known.reduce(0) { $0 + Double($1) }, count: x.shape[0])
    for change in model.patchChanges(of: x, from: base) {
      for (clip, value) in zip(change.clips, try score.scores(at: change.rows, differingFrom: change.row)) {
        sums[clip] += Double(value) - Double(known[change.patch])
      }
    }
    return sums.map { Float($0 / Double(count)) }
  }

  public func gradient(at x: Tensor) throws -> Tensor {
    model.overlaid(try score.gradient(at: model.inputTensor(forClips: x)), on: x)
  }

  public func multipliers(at x: Tensor, from baseline: Tensor) throws -> Tensor {
    model.overlaid(
      try score.multipliers(at: model.inputTensor(forClips: x), from: model.inputTensor(forClips: baseline)),
      on: x)
  }
}

extension AudioModel {
  /// What the patches of `x` have, as the network takes them, where they lie in `x`: the sum over the patches that cover a
  /// bin, divided by the number of all patches.
  package func overlaid(_ patches: Tensor, on x: Tensor) -> Tensor {
    let count = patchStarts(frames: x.shape[1]).count
    return overlaid(patches, on: x, patches: Array(0..<count), share: 1 / Float(count))
  }

  /// The same of some of the patches, each bin the sum times `share`.
  func overlaid(_ values: Tensor, on x: Tensor, patches: [Int], share: Float) -> Tensor {
    let gradients = self.patches(from: values)
    let all = patchStarts(frames: x.shape[1])
    let starts = patches.map { all[$0] }
    let picture = x.shape[1] * x.shape[2]
    let patch = gradients.shape[1] * gradients.shape[2]
    var result = Tensor(x.shape)
    result.withUnsafeMutableValues { result in
      gradients.withUnsafeValues { gradients in
        for row in 0..<x.shape[0] {
          for (index, start) in starts.enumerated() {
            let target = row * picture + start * x.shape[2]
            let source = (row * starts.count + index) * patch
            // A patch that reaches beyond the end saw silence there.
            let known = max(0, min(patch, picture - start * x.shape[2]))
            for place in 0..<known { result[target + place] += gradients[source + place] * share }
          }
        }
      }
    }
    return result
  }

  /// What becomes of a patch in clips that differ from one in a part.
  struct PatchChange {
    let patch: Int
    /// The clips in which the patch is another.
    let clips: [Int]
    /// The patch in each of them, as the network takes it.
    let rows: Tensor
    /// The patch as it was.
    let row: Tensor
  }

  /// The patches that `x`, `[clips, frames, bands]`, has otherwise than the one clip `base`; the others are left out.
  func patchChanges(of x: Tensor, from base: Tensor) -> [PatchChange] {
    let (unchanged, changed) = (inputTensor(forClips: base), inputTensor(forClips: x))
    let count = unchanged.shape[0]
    let size = unchanged.count / max(1, count)
    return (0..<count).compactMap { patch in
      let row = unchanged.rows(patch..<patch + 1)
      let clips = (0..<x.shape[0]).filter { clip in
        changed.withUnsafeValues { changed in
          row.withUnsafeValues { row in
            (0..<size).contains { row[$0] != changed[(clip * count + patch) * size + $0] }
          }
        }
      }
      guard !clips.isEmpty else { return nil }
      let rows = Tensor(joining: clips.map { changed.rows($0 * count + patch..<$0 * count + patch + 1) })
      return PatchChange(patch: patch, clips: clips, rows: rows, row: row)
    }
  }
}

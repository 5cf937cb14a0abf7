import Audio
import Graphs
import Models
import Tensors

/// The moments of a clip that a question is about, patch by patch.
struct MomentSelection: Sendable, Hashable {
  /// The patches that have a part in it, in order.
  let patches: [Int]
  /// Of each, the moments within it.
  let moments: [[Int]]

  /// - Parameters:
  ///   - rows: of `Listening.logits`.
  ///   - each: how many moments a patch has.
  init(rows: [Int], each: Int) {
    let byPatch = Dictionary(grouping: rows.sorted()) { $0 / max(1, each) }
    patches = byPatch.keys.sorted()
    moments = patches.map { (byPatch[$0] ?? []).map { $0 % max(1, each) } }
  }

  var count: Int { moments.reduce(0) { $0 + $1.count } }
}

/// The score of a class over some moments of a clip, by mean, maximum or log-sum-exp, as a function of the clip's log-mel
/// picture.
///
/// `x` is `[rows, frames, bands]`, each row a clip of the same length. With `s` the class's scores (less those of another
/// class, if there is one to hold it against) and `w = ∂pool(s) / ∂s` at each row, the gradient is `Σ w · ∂s/∂x`: exact,
/// a frame that several patches see collects from all of them. Only patches that hold some of the moments are evaluated.
struct MomentScore: ScoreFunction {
  let model: AudioModel
  let selection: MomentSelection
  let pooling: TimeSpan.Pooling
  let index: Int
  let against: Int?
  let rule: GradientRule
  let memory: RowMemory?

  func scores(at x: Tensor) throws -> [Float] {
    try momentScores(at: input(x), clips: x.shape[0]).map { Float(pooling.pooled($0)) }
  }

  /// Only patches that the difference lies in are evaluated, and of those only what it reaches.
  func scores(at x: Tensor, differingFrom base: Tensor) throws -> [Float] {
    guard !model.isStateful else { return try scores(at: x) }
    let known = try momentScores(at: input(base), clips: 1)[0]
    var all = [[Double]](repeating: known, count: x.shape[0])
    for change in model.patchChanges(of: x, from: base) {
      guard let place = selection.patches.firstIndex(of: change.patch) else { continue }
      let first = selection.moments[..<place].reduce(0) { $0 + $1.count }
      let values = try model.network.values(of: [model.logits], at: change.rows, differingFrom: change.row)[0]
      for (row, clip) in change.clips.enumerated() {
        let scores = scores(of: values, row: row, selection.moments[place])
        all[clip].replaceSubrange(first..<first + scores.count, with: scores)
      }
    }
    return all.map { Float(pooling.pooled($0)) }
  }

  func gradient(at x: Tensor) throws -> Tensor {
    let input = input(x)
    let slopes =
      pooling == .mean
      ? [[Double]](
        repeating: pooling.slopes([Double](repeating: 0, count: selection.count)), count: x.shape[0])
      : try momentScores(at: input, clips: x.shape[0]).map(pooling.slopes)
    let gradients = try model.network.gradients(
      of: model.logits, seed: try seed(slopes, at: input.shape), withRespectTo: [model.inputName], rule: rule,
      at: [model.inputName: input]
    ).gradients[0]
    return model.overlaid(gradients, on: x, patches: evaluated(in: x), share: 1)
  }

  func multipliers(at x: Tensor, from baseline: Tensor) throws -> Tensor {
    guard pooling == .mean else { throw ExplainError.poolingNotLinear(pooling) }
    let slopes = pooling.slopes([Double](repeating: 0, count: selection.count))
    let (input, other) = (input(x), input(baseline))
    let multipliers = try model.network.gradients(
      of: model.logits, seed: try seed([[Double]](repeating: slopes, count: x.shape[0]), at: input.shape),
      withRespectTo: [model.inputName], rule: .rescale, at: [model.inputName: input],
      from: [model.inputName: other]
    ).gradients[0]
    return model.overlaid(multipliers, on: x, patches: evaluated(in: x), share: 1)
  }

  // MARK: - Rows

  /// The patches that are evaluated: with a state, all of them, as each hangs on those before it.
  private func evaluated(in x: Tensor) -> [Int] {
    model.isStateful ? Array(model.patchStarts(frames: x.shape[1]).indices) : selection.patches
  }

  /// The patches of clips as the network takes them.
  private func input(_ x: Tensor) -> Tensor {
    let all = model.inputTensor(forClips: x)
    guard !model.isStateful else { return all }
    let count = all.shape[0] / max(1, x.shape[0])
    guard selection.patches.count < count else { return all }
    return Tensor(
      joining: (0..<x.shape[0]).flatMap { clip in
        selection.patches.map { all.rows(clip * count + $0..<clip * count + $0 + 1) }
      })
  }

  /// The class's scores at the moments, for each clip.
  private func momentScores(at input: Tensor, clips: Int) throws -> [[Double]] {
    let ask: (Tensor) throws -> Tensor = { [model] rows in
      try model.network.values(of: [model.logits], at: [model.inputName: rows])[0]
    }
    let values = try memory.map { try $0.answers(model.logits, for: input, ask) } ?? ask(input)
    let rows = values.count / max(1, model.output.layout.moments * model.classCount)
    let each = rows / max(1, clips)
    return (0..<clips).map { clip in
      selection.patches.indices.flatMap { place in
        let patch = model.isStateful ? selection.patches[place] : place
        return scores(of: values, row: clip * each + patch, selection.moments[place])
      }
    }
  }

  private func scores(of values: Tensor, row: Int, _ moments: [Int]) -> [Double] {
    let layout = model.output.layout
    let width = layout.moments * layout.classes
    return values.withUnsafeValues { values in
      moments.map { moment in
        func value(_ index: Int) -> Double {
          Double(values[row * width + layout.element(class: index, moment: moment)])
        }
        return value(index) - (against.map(value) ?? 0)
      }
    }
  }

  /// What flows back from the tensor: the slope of each moment at its class, row by row.
  private func seed(_ slopes: [[Double]], at input: Shape) throws -> Tensor {
    let layout = model.output.layout
    let width = layout.moments * layout.classes
    var seed = Tensor(try model.network.shape(of: model.logits, at: [model.inputName: input]))
    let each = seed.count / max(1, width * slopes.count)
    seed.withUnsafeMutableValues { values in
      for (clip, slopes) in slopes.enumerated() {
        var rest = slopes[...]
        for (place, moments) in selection.moments.enumerated() {
          let row = clip * each + (model.isStateful ? selection.patches[place] : place)
          for moment in moments {
            let slope = Float(rest.removeFirst())
            values[row * width + layout.element(class: index, moment: moment)] += slope
            if let against { values[row * width + layout.element(class: against, moment: moment)] -= slope }
          }
        }
      }
    }
    return seed
  }

  /// The patches' own scores, linear in the tensor, by the slopes at a clip: patches of equal terms together.
  func tangents(at clip: Tensor) throws -> [(patches: [Int], score: NetworkScore)] {
    let scores = try momentScores(at: input(clip), clips: 1)[0]
    var rest = pooling.slopes(scores)[...]
    var groups: [(patches: [Int], terms: [Int: Float])] = []
    for (place, patch) in selection.patches.enumerated() {
      var terms: [Int: Float] = [:]
      for moment in selection.moments[place] {
        let slope = Float(rest.removeFirst())
        terms[model.output.layout.element(class: index, moment: moment), default: 0] += slope
        if let against {
          terms[model.output.layout.element(class: against, moment: moment), default: 0] -= slope
        }
      }
      guard terms.values.contains(where: { $0 != 0 }) else { continue }
      if let same = groups.firstIndex(where: { $0.terms == terms }) {
        groups[same].patches.append(patch)
      } else {
        groups.append(([patch], terms))
      }
    }
    return try groups.map {
      ($0.patches, try NetworkScore(model.network, tensor: model.logits, of: .sum($0.terms), rule: rule))
    }
  }
}

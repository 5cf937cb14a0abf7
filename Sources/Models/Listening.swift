import Audio
import Graphs
public import Tensors

/// What a model heard in one clip.
public struct Listening: Sendable {
  /// What was listened to, mono at the front end's rate; nil where it was a picture.
  public let samples: [Float]?
  /// The clip's picture, after the tail rule's padding: `[frames, bands]`.
  public let logMel: Tensor
  /// The frame with which each patch begins.
  public let patchStarts: [Int]
  /// Where the rows of `logits` and `scores` lie.
  public let moments: [Moment]
  /// What is explained, one row a moment, one column a class.
  public let logits: Tensor
  /// What is reported, one row a moment.
  public let scores: Tensor
  /// What the scores are.
  public let meaning: ScoreMeaning

  /// The clip's logits: the mean over its moments. This is what is explained.
  public var clipLogits: [Float] { logits.meanOfRows() }
  /// The clip's scores: the mean over its moments. This is what is reported.
  public var clipScores: [Float] { scores.meanOfRows() }

  /// The same with another picture of the same extents, of which there are no samples; what was heard is left as it was.
  public func replacing(logMel other: Tensor) -> Listening {
    precondition(other.shape == logMel.shape, "a picture of \(other.shape), not of \(logMel.shape)")
    return Listening(
      samples: nil, logMel: other, patchStarts: patchStarts, moments: moments, logits: logits, scores: scores,
      meaning: meaning)
  }

  /// The classes in order of their scores, the highest first.
  public var ranking: [Int] { clipScores.ranking }
}

extension [Float] {
  /// The places in order of their values, the highest first; equals as they stand.
  package var ranking: [Int] { indices.sorted { (self[$0], $1) > (self[$1], $0) } }
}

extension AudioModel {
  /// Listens to mono samples at the front end's rate.
  public func listen(to samples: [Float]) throws -> Listening {
    try listen(toLogMel: picture(of: samples), of: samples)
  }

  /// The frames whose middle lies within the first `seconds` of what was heard; those behind are padding.
  public func clipFrames(of seconds: Double, in listening: Listening) -> Int {
    let last = Int(axes.frame(at: seconds).rounded(.down))
    return min(max(1, last + 1), listening.logMel.shape[0])
  }

  /// Checks that what was heard is told in probabilities: as known, as the values suggest, or, where scores are reported
  /// as they are, because they lie in 0...1.
  ///
  /// - Throws: `ModelError.unknownActivation`, `.noProbabilities`.
  public func requireProbabilities(of listening: Listening) throws(ModelError) {
    guard !listening.meaning.isProbability else { return }
    let values = listening.scores.values
    let (lowest, highest) = (values.min() ?? 0, values.max() ?? 0)
    if listening.meaning.source == .unknown {
      throw .unknownActivation(path: path, lowest: lowest, highest: highest)
    }
    guard lowest >= 0, highest <= 1 else {
      throw .noProbabilities(path: path, lowest: lowest, highest: highest)
    }
  }

  /// Listens to a clip that is already a picture, `[frames, bands]`.
  public func listen(toLogMel logMel: Tensor) throws -> Listening {
    try listen(toLogMel: logMel, of: nil)
  }

  /// Listens to samples of which most was heard before: patches whose picture is what it was are not computed again.
  ///
  /// - Parameter known: what was heard in other samples, as many of them. Where the network carries a state from patch to
  ///   patch, or the pictures are of other extents, all is computed.
  package func listen(to samples: [Float], knowing known: Listening) throws -> Listening {
    let picture = try picture(of: samples)
    guard !isStateful, picture.shape == known.logMel.shape else {
      return try listen(toLogMel: picture, of: samples)
    }
    let (patches, before) = (patches(of: picture), self.patches(of: known.logMel))
    let count = patches.shape[0]
    let size = patches.count / max(1, count)
    let changed = patches.withUnsafeValues { patches in
      before.withUnsafeValues { before in
        (0..<count).filter { row in (row * size..<(row + 1) * size).contains { patches[$0] != before[$0] } }
      }
    }
    var (logits, scores) = (known.logits, known.scores)
    if !changed.isEmpty {
      let rows = Tensor(joining: changed.map { patches.rows($0..<$0 + 1) })
      let found = try outputs(at: inputTensor(for: rows))
      logits.replaceRows(changed, by: found.logits)
      scores.replaceRows(changed, by: found.scores)
    }
    return Listening(
      samples: samples, logMel: picture, patchStarts: known.patchStarts, moments: known.moments,
      logits: logits,
      scores: scores, meaning: meaning(of: scores))
  }

  private func listen(toLogMel logMel: Tensor, of samples: [Float]?) throws -> Listening {
    let input = inputTensor(for: patches(of: logMel))
    let (logits, scores) = try outputs(at: input)
    let starts = patchStarts(frames: logMel.shape[0])
    return Listening(
      samples: samples, logMel: logMel, patchStarts: starts, moments: moments(patchStarts: starts),
      logits: logits, scores: scores, meaning: output.meaning ?? ScoreMeaning(guessedFrom: scores))
  }

  /// The logits and the scores of clips of equal length, `[clips, frames, bands]`: the means over each clip's moments,
  /// `[clips, classes]`.
  public func clipOutputs(at clips: Tensor) throws -> (logits: Tensor, scores: Tensor) {
    let (logits, scores) = try outputs(at: inputTensor(forClips: clips))
    let count = clips.shape[0]
    func means(_ rows: Tensor) -> Tensor {
      let each = rows.shape[0] / max(1, count)
      return Tensor(
        [count, classCount], (0..<count).flatMap { rows.rows($0 * each..<($0 + 1) * each).meanOfRows() })
    }
    return (means(logits), means(scores))
  }

  /// What is reported of patches, `[patches, frames, bands]`: one row a moment, patch after patch.
  package func scores(ofPatches patches: Tensor) throws -> Tensor {
    output.scores(try network.values(of: [output.tensor], at: [inputName: inputTensor(for: patches)])[0])
  }

  /// What scores are: as known, or as the values suggest.
  package func meaning(of scores: Tensor) -> ScoreMeaning {
    output.meaning ?? ScoreMeaning(guessedFrom: scores)
  }

  /// What is explained and what is reported, `[rows · moments, classes]` each.
  private func outputs(at input: Tensor) throws -> (logits: Tensor, scores: Tensor) {
    let names = output.explained == output.tensor ? [output.tensor] : [output.explained, output.tensor]
    let values = try network.values(of: names, at: [inputName: input])
    return (output.layout.matrix(values[0]), output.scores(values[values.count - 1]))
  }
}

extension Tensor {
  /// Puts the moments of some patches, patch after patch, in the place of those that were there.
  fileprivate mutating func replaceRows(_ patches: [Int], by other: Tensor) {
    let width = other.count / max(1, patches.count)
    withUnsafeMutableValues { values in
      other.withUnsafeValues { other in
        for (place, patch) in patches.enumerated() {
          for index in 0..<width { values[patch * width + index] = other[place * width + index] }
        }
      }
    }
  }

  /// The mean of the rows of a matrix.
  func meanOfRows() -> [Float] {
    let (rows, columns) = (shape[0], shape[1])
    var sums = [Double](repeating: 0, count: columns)
    withUnsafeValues { values in
      for row in 0..<rows {
        for column in 0..<columns { sums[column] += Double(values[row * columns + column]) }
      }
    }
    return sums.map { Float($0 / Double(max(1, rows))) }
  }
}

import Audio
import Graphs
public import Tensors

/// What a model heard in one clip.
public struct Listening: Sendable {
  /// What was listened to, mono at the front end's rate; nil where it was a picture.
  public let samples: [Float]?
  /// The clip as the network sees it, after the tail rule's padding: `[frames, bands]`.
  public let logMel: Tensor
  /// The frame with which each patch begins.
  public let patchStarts: [Int]
  /// One row a patch, one column a class.
  public let logits: Tensor
  /// Probabilities, one row a patch.
  public let scores: Tensor

  /// The clip's logits: the mean over its patches. This is what is explained.
  public var clipLogits: [Float] { meanOfRows(logits) }
  /// The clip's probabilities: the mean over its patches. This is what is reported.
  public var clipScores: [Float] { meanOfRows(scores) }

  /// The same with another picture of the same extents, of which there are no samples; what was heard is left as it was.
  public func replacing(logMel other: Tensor) -> Listening {
    precondition(other.shape == logMel.shape, "a picture of \(other.shape), not of \(logMel.shape)")
    return Listening(
      samples: nil, logMel: other, patchStarts: patchStarts, logits: logits, scores: scores)
  }

  /// The classes in order of probability, most probable first.
  public var ranking: [Int] {
    let scores = clipScores
    return scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
  }
}

extension AudioModel {
  /// Listens to mono samples at the front end's rate.
  public func listen(to samples: [Float]) throws -> Listening {
    try listen(toLogMel: frontEnd.logMel(samples), of: samples)
  }

  /// The frames whose middle lies within the first `seconds` of what was heard; those behind are padding.
  public func clipFrames(of seconds: Double, in listening: Listening) -> Int {
    let last = Int(frontEnd.frame(at: seconds).rounded(.down))
    return min(max(1, last + 1), listening.logMel.shape[0])
  }

  /// Listens to a clip that is already a picture, `[frames, bands]`.
  public func listen(toLogMel logMel: Tensor) throws -> Listening {
    try listen(toLogMel: logMel, of: nil)
  }

  private func listen(toLogMel logMel: Tensor, of samples: [Float]?) throws -> Listening {
    let input = inputTensor(for: frontEnd.patches(of: logMel))
    let (logits, scores) = try outputs(at: input)
    return Listening(
      samples: samples, logMel: logMel, patchStarts: frontEnd.patchStarts(frames: logMel.shape[0]),
      logits: logits,
      scores: scores)
  }

  /// The logits and the probabilities of clips of equal length, `[clips, frames, bands]`: the means over each clip's
  /// patches, `[clips, classes]`.
  public func clipOutputs(at clips: Tensor) throws -> (logits: Tensor, scores: Tensor) {
    let (logits, scores) = try outputs(at: inputTensor(forClips: clips))
    let count = clips.shape[0]
    func means(_ rows: Tensor) -> Tensor {
      let each = rows.shape[0] / max(1, count)
      return Tensor(
        [count, classCount], (0..<count).flatMap { meanOfRows(rows.rows($0 * each..<($0 + 1) * each)) })
    }
    return (means(logits), means(scores))
  }

  /// Logits and probabilities, `[rows, classes]` each.
  private func outputs(at input: Tensor) throws -> (logits: Tensor, scores: Tensor) {
    let shape = Shape([input.shape[0], classCount])
    switch scores {
    case .tensor(let name):
      let values = try network.values(of: [logits, name], at: [inputName: input])
      return (values[0].reshaped(to: shape), values[1].reshaped(to: shape))
    case .activation(let activation):
      let values = try network.values(of: [logits], at: [inputName: input])[0].reshaped(to: shape)
      return (values, activation.applied(to: values))
    }
  }
}

/// The mean of the rows of a matrix.
private func meanOfRows(_ matrix: Tensor) -> [Float] {
  let (rows, columns) = (matrix.shape[0], matrix.shape[1])
  var sums = [Double](repeating: 0, count: columns)
  matrix.withUnsafeValues { values in
    for row in 0..<rows {
      for column in 0..<columns { sums[column] += Double(values[row * columns + column]) }
    }
  }
  return sums.map { Float($0 / Double(max(1, rows))) }
}

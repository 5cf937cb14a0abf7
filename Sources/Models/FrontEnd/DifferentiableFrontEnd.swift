public import Audio
import Graphs
public import Tensors

/// A front end that knows its derivative: from samples or magnitudes to log-mel, and back from gradients with respect to
/// log-mel to those with respect to what it was made of.
///
/// Samples are cut into overlapping chunks of `framesAtOnce` frames, each a row of a batch: one small graph does for clips
/// of all lengths, in little memory, and rows are shared out among the threads. What overlaps is added.
public struct DifferentiableFrontEnd: Sendable {
  /// What log-mel is a function of.
  public enum Source: Sendable, Hashable {
    /// `[rows, samples]`, mono at the front end's rate; the tail rule's padding is added here.
    case samples
    /// `[rows, frames, bins]`, as `FrontEnd.magnitudes`. A negative one counts as its magnitude.
    case magnitudes
  }

  public let frontEnd: FrontEnd
  public let source: Source
  private let network: Network
  private let framesAtOnce: Int

  /// - Throws: `GraphError`.
  public init(_ frontEnd: FrontEnd, from source: Source, threads: Int, memory: Int? = nil) throws {
    self.frontEnd = frontEnd
    self.source = source
    switch source {
    case .samples:
      framesAtOnce = max(1, min(128, Self.samplesAtOnce / frontEnd.fft))
      network = Network(
        try FrontEndGraph.ofSamples(frontEnd, samples: (framesAtOnce - 1) * frontEnd.hop + frontEnd.fft),
        threads: threads, memory: memory)
    case .magnitudes:
      framesAtOnce = 1
      network = Network(
        try FrontEndGraph.ofMagnitudes(frontEnd), threads: threads, rowsPerRun: 1024, memory: memory)
    }
  }

  /// Of all frames of a chunk, overlaps counted again.
  private static let samplesAtOnce = 1 << 16

  /// The log-mel pictures of all rows, `[rows, frames, bands]`: as `FrontEnd.logMel`, to rounding.
  public func logMel(of x: Tensor) throws -> Tensor {
    let (input, frames) = chunks(of: x)
    let made = try network.values(of: [FrontEndGraph.output], at: [FrontEndGraph.input: input])[0]
    let bands = frontEnd.mel.bands
    guard source == .samples else { return made.reshaped(to: [x.shape[0], frames, bands]) }
    // The last chunk of each row goes on beyond its frames.
    let (size, stride) = (frames * bands, made.count / max(1, x.shape[0]))
    return Tensor(unsafeUninitialized: [x.shape[0], frames, bands]) { result in
      made.withUnsafeValues { made in
        for row in 0..<x.shape[0] {
          let target = UnsafeMutableBufferPointer(rebasing: result[row * size..<(row + 1) * size])
          _ = target.update(fromContentsOf: made[row * stride..<row * stride + size])
        }
      }
    }
  }

  /// `Σ gradient · ∂log-mel/∂x` for each row of `x`: the vector-Jacobian product, shaped as `x`.
  ///
  /// Where a derivative is beyond what single precision can hold, which takes a compression of some 10³⁸ a unit, it is 0.
  ///
  /// - Parameter gradient: with respect to log-mel, `[rows, frames, bands]`.
  public func pullback(_ gradient: Tensor, at x: Tensor) throws -> Tensor {
    let (input, frames) = chunks(of: x)
    precondition(
      gradient.shape == [x.shape[0], frames, frontEnd.mel.bands],
      "a gradient of \(gradient.shape) for \(frames) frames of \(frontEnd.mel.bands) bands")
    let pulled = try network.gradients(
      of: FrontEndGraph.output, seed: seed(gradient, rows: input.shape[0]),
      withRespectTo: [FrontEndGraph.input], at: [FrontEndGraph.input: input]
    ).gradients[0]
    return overlaid(pulled, on: x)
  }

  /// The rows as the graph takes them, and how many frames a row of `x` has.
  private func chunks(of x: Tensor) -> (input: Tensor, frames: Int) {
    guard source == .samples else {
      return (x.reshaped(to: [x.shape[0] * x.shape[1], frontEnd.bins]), x.shape[1])
    }
    let count = x.shape[1]
    let frames = frontEnd.frameCount(samples: count)
    let (chunks, length) = ((frames + framesAtOnce - 1) / framesAtOnce, chunkLength)
    let input = Tensor(unsafeUninitialized: [x.shape[0] * chunks, length, 1]) { input in
      x.withUnsafeValues { samples in
        for chunk in 0..<x.shape[0] * chunks {
          let (row, index) = chunk.quotientAndRemainder(dividingBy: chunks)
          let target = UnsafeMutableBufferPointer(rebasing: input[chunk * length..<(chunk + 1) * length])
          target.update(repeating: 0)
          for place in known(index, count) {
            target[place] = samples[row * count + start(ofChunk: index) + place]
          }
        }
      }
    }
    return (input, frames)
  }

  /// The gradient as the graph takes it: zeros where its frames go on beyond those of a row.
  private func seed(_ gradient: Tensor, rows: Int) -> Tensor {
    let (count, bands) = (gradient.shape[0], frontEnd.mel.bands)
    guard source == .samples else { return gradient.reshaped(to: [rows, bands]) }
    let (size, stride) = (gradient.count / max(1, count), rows / max(1, count) * framesAtOnce * bands)
    return Tensor(unsafeUninitialized: [rows, framesAtOnce, bands]) { seed in
      gradient.withUnsafeValues { gradient in
        seed.update(repeating: 0)
        for row in 0..<count {
          let target = UnsafeMutableBufferPointer(rebasing: seed[row * stride..<row * stride + size])
          _ = target.update(fromContentsOf: gradient[row * size..<(row + 1) * size])
        }
      }
    }
  }

  /// What the rows of the graph's input have, where they lie in `x`.
  private func overlaid(_ chunks: Tensor, on x: Tensor) -> Tensor {
    guard source == .samples else { return chunks.finite.reshaped(to: x.shape) }
    let (count, length) = (x.shape[1], chunkLength)
    let each = chunks.shape[0] / max(1, x.shape[0])
    var result = Tensor(x.shape)
    result.withUnsafeMutableValues { result in
      chunks.withUnsafeValues { chunks in
        for chunk in 0..<x.shape[0] * each {
          let (row, index) = chunk.quotientAndRemainder(dividingBy: each)
          for place in known(index, count) {
            result[row * count + start(ofChunk: index) + place] += chunks[chunk * length + place]
          }
        }
      }
    }
    return result.finite
  }

  private var chunkLength: Int { (framesAtOnce - 1) * frontEnd.hop + frontEnd.fft }

  /// The sample with which a chunk begins; before the first one lies silence.
  private func start(ofChunk index: Int) -> Int { frontEnd.firstSample + index * framesAtOnce * frontEnd.hop }

  /// The places of a chunk that are samples of a row of `count`.
  private func known(_ index: Int, _ count: Int) -> Range<Int> {
    let start = start(ofChunk: index)
    let first = min(max(0, -start), chunkLength)
    return first..<max(first, min(chunkLength, count - start))
  }
}

extension Tensor {
  /// Zeros in place of what is infinite or no number.
  fileprivate var finite: Tensor {
    var result = self
    result.withUnsafeMutableValues { values in
      for place in values.indices where !values[place].isFinite { values[place] = 0 }
    }
    return result
  }
}

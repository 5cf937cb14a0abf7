import Fourier
public import Tensors

/// Frames on a sound of known length: where each begins, how its samples are weighted, what stands beyond the sound's
/// ends. Gives the sound's complex spectrum, and the sound whose spectrum comes nearest to a given one.
///
/// `X[t, k] = Σ_i w[i] x[first + t·hop + i] e^(−2πi ki/size)`, and back
/// `x[n] = Σ_t w[n − n_t] · IFFT(X_t)[n − n_t] / Σ_t w²[n − n_t]` with `n_t = first + t·hop`: the least squares of Griffin and
/// Lim, ICASSP 1983. Where the sum of squared weights is below a hundredth of its largest, at the ends of frames that are
/// not centred or between frames that do not overlap, it counts as that hundredth: the sound fades there instead of
/// amplifying what frames disagree on.
public struct FrameGrid: Sendable {
  /// The weights of a frame's samples.
  public let window: [Double]
  /// From one frame to the next, in samples.
  public let hop: Int
  /// The points of the transform, at least as many as the window has; the rest is zeros.
  public let size: Int
  /// The sample with which frame 0 begins; negative where frames are centred.
  public let first: Int
  public let frames: Int
  /// The samples of the sound.
  public let count: Int
  public let padding: FrontEnd.Padding

  /// `1 / Σ_t w²`, for each sample.
  private let shares: [Float]
  /// The window over `size`, which FFTW's transforms leave out.
  private let inverseWindow: [Double]
  private let plan: RealFourierPlan

  public var bins: Int { size / 2 + 1 }

  public init(
    window: [Double], hop: Int, size: Int, first: Int, frames: Int, count: Int, padding: FrontEnd.Padding
  ) {
    precondition(
      hop > 0 && frames > 0 && count >= 0 && !window.isEmpty && window.count <= size,
      "\(frames) frames of \(window.count) samples, \(size) points, every \(hop), of \(count) samples")
    (self.window, self.hop, self.size, self.first) = (window, hop, size, first)
    (self.frames, self.count, self.padding) = (frames, count, padding)
    plan = .shared(size)
    inverseWindow = window.map { $0 / Double(size) }
    var sums = [Double](repeating: 0, count: count)
    for frame in 0..<frames {
      let start = first + frame * hop
      let low = max(0, -start)
      for index in low..<max(low, min(window.count, count - start)) {
        sums[start + index] += window[index] * window[index]
      }
    }
    let floor = 0.01 * (sums.max() ?? 0)
    shares = sums.map { floor > 0 ? Float(1 / max($0, floor)) : 0 }
  }

  /// librosa's frames: a periodic Hann window amid `size` points, centred on multiples of `hop`, zeros beyond the ends,
  /// `1 + ⌊count / hop⌋` of them.
  public init(hann window: Int, hop: Int, size: Int? = nil, count: Int) {
    let size = size ?? window
    self.init(
      window: hannWeights(window), hop: hop, size: size, first: (size - window) / 2 - size / 2,
      frames: 1 + count / hop, count: count, padding: .constant)
  }

  // MARK: - There

  /// The complex spectrum of a sound of `count` samples, real and imaginary parts: `[frames, bins, 2]`.
  public func spectrum(of samples: [Float]) -> Tensor {
    let width = 2 * bins
    return rows(of: samples, width: width) { parts, row in
      for place in 0..<width { row[place] = Float(parts[place]) }
    }
    .reshaped(to: [frames, bins, 2])
  }

  /// `|X|`, `[frames, bins]`, of a sound of `count` samples.
  public func magnitudes(of samples: [Float]) -> Tensor {
    let bins = bins
    return rows(of: samples, width: bins) { parts, row in
      for bin in 0..<bins {
        let (real, imaginary) = (parts[2 * bin], parts[2 * bin + 1])
        row[bin] = Float((real * real + imaginary * imaginary).squareRoot())
      }
    }
  }

  /// What `write` makes of each frame's spectrum.
  private func rows(
    of samples: [Float], width: Int,
    _ write: @Sendable (UnsafePointer<Double>, UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    let extended = extended(samples)
    return Tensor(unsafeUninitialized: [frames, width]) { result in
      extended.withUnsafeBufferPointer { extended in
        guard let target = result.baseAddress, let source = extended.baseAddress else { return }
        // Read by all threads; written in rows that do not overlap.
        nonisolated(unsafe) let (result, extended) = (target, source)
        inChunks { _, range in
          let buffers = RealFourierBuffers(size)
          defer { withExtendedLifetime(buffers) {} }
          for frame in range {
            transform(frame, of: extended, in: buffers)
            write(buffers.parts, result + frame * width)
          }
        }
      }
    }
  }

  // MARK: - And back

  /// The sound whose spectrum is nearest to this one, `[frames, bins, 2]`.
  public func samples(of spectrum: Tensor) -> [Float] {
    precondition(
      spectrum.shape == [frames, bins, 2], "a spectrum of \(spectrum.shape), not of [\(frames), \(bins), 2]")
    var sound = [Float](repeating: 0, count: extent)
    spectrum.withUnsafeValues { spectrum in
      guard let source = spectrum.baseAddress else { return }
      nonisolated(unsafe) let spectrum = source
      sound.withUnsafeMutableBufferPointer { sound in
        guard let sound = sound.baseAddress else { return }
        overlay(into: sound, FrameOverlay(self)) { frame, buffers in
          let row = spectrum + frame * 2 * bins
          for place in 0..<2 * bins { buffers.parts[place] = Double(row[place]) }
        }
      }
    }
    return Array(sound[lead..<lead + count])
  }

  // MARK: - The parts of both

  /// The samples before the sound that frames reach.
  var lead: Int { max(0, -first) }

  /// The sound with what frames reach before and behind it.
  var extent: Int { lead + max(count, first + (frames - 1) * hop + window.count) }

  /// The sound amid what stands beyond its ends.
  func extended(_ samples: [Float]) -> [Float] {
    precondition(samples.count == count, "\(samples.count) samples for frames on \(count)")
    var sound = [Float](repeating: 0, count: extent)
    sound.replaceSubrange(lead..<lead + count, with: samples)
    sound.withUnsafeMutableBufferPointer { sound in
      if let sound = sound.baseAddress { fillEnds(of: sound) }
    }
    return sound
  }

  /// Writes what stands beyond the ends of the `extent` samples from `sound` on.
  func fillEnds(of sound: UnsafeMutablePointer<Float>) {
    func fill(_ range: Range<Int>) {
      for place in range {
        sound[place] = padding.index(place - lead, of: count).map { sound[lead + $0] } ?? 0
      }
    }
    fill(0..<lead)
    fill(lead + count..<extent)
  }

  /// The spectrum of a frame into `buffers.parts`, of a sound with its ends.
  func transform(_ frame: Int, of sound: UnsafePointer<Float>, in buffers: RealFourierBuffers) {
    let source = sound + lead + first + frame * hop
    let target = buffers.samples
    window.withUnsafeBufferPointer { window in
      for place in window.indices { target[place] = Double(source[place]) * window[place] }
    }
    for place in window.count..<size { target[place] = 0 }
    plan.transform(buffers)
  }

  /// Writes, into the `extent` samples from `sound` on, the sound nearest to the spectra that `write` puts into the parts
  /// of the buffers, frame by frame. `write` may read what `sound` holds before.
  func overlay(
    into sound: UnsafeMutablePointer<Float>, _ room: FrameOverlay,
    _ write: @Sendable (Int, RealFourierBuffers) -> Void
  ) {
    inChunks { index, range in
      let buffers = RealFourierBuffers(size)
      defer { withExtendedLifetime(buffers) {} }
      let sums = room.sums(index)
      sums.update(repeating: 0, count: room.span)
      inverseWindow.withUnsafeBufferPointer { window in
        for frame in range {
          write(frame, buffers)
          plan.transformBack(buffers)
          let target = sums + (frame - range.lowerBound) * hop
          let source = buffers.samples
          for place in window.indices { target[place] += Float(source[place] * window[place]) }
        }
      }
    }
    add(room, to: sound)
    fillEnds(of: sound)
  }

  /// Adds up the chunks' sums, in their order whatever the number of threads.
  private func add(_ room: FrameOverlay, to sound: UnsafeMutablePointer<Float>) {
    let chunks = chunks
    let segment = 16384
    nonisolated(unsafe) let sound = sound
    shares.withUnsafeBufferPointer { values in
      guard let start = values.baseAddress else { return }
      nonisolated(unsafe) let shares = start
      concurrently((count + segment - 1) / segment) { index in
        let range = index * segment..<min((index + 1) * segment, count)
        let target = sound + lead
        for place in range { target[place] = 0 }
        for (chunk, frames) in chunks.enumerated() {
          let start = first + frames.lowerBound * hop
          let length = (frames.count - 1) * hop + window.count
          let common =
            max(range.lowerBound, start)..<max(start, range.lowerBound, min(range.upperBound, start + length))
          let source = room.sums(chunk)
          for place in common { target[place] += source[place - start] }
        }
        for place in range { target[place] *= shares[place] }
      }
    }
  }

  /// Fixed by the number of frames: sums do not depend on threads.
  var chunks: [Range<Int>] { FrameAnalysis.chunks(of: frames) }

  private func inChunks(_ work: @Sendable (Int, Range<Int>) -> Void) {
    let chunks = chunks
    concurrently(chunks.count) { work($0, chunks[$0]) }
  }
}

/// Where the chunks of a grid's frames are overlaid, each in a stretch of its own.
final class FrameOverlay: @unchecked Sendable {
  /// The samples of a chunk.
  let span: Int
  /// Threads write to chunks of their own.
  private let start: UnsafeMutablePointer<Float>

  init(_ grid: FrameGrid) {
    let chunks = grid.chunks
    span = ((chunks.map(\.count).max() ?? 1) - 1) * grid.hop + grid.window.count
    start = .allocate(capacity: span * chunks.count)
  }

  deinit { start.deallocate() }

  func sums(_ chunk: Int) -> UnsafeMutablePointer<Float> { start + chunk * span }
}

extension FrontEnd.Padding {
  /// Which of `count` samples stands at a place, beyond the ends too; nil where silence does.
  func index(_ place: Int, of count: Int) -> Int? {
    if place >= 0 && place < count { return place }
    guard count > 0 else { return nil }
    switch self {
    case .none, .constant: return nil
    case .edge: return min(max(place, 0), count - 1)
    case .reflect:
      let period = max(1, 2 * (count - 1))
      let turned = ((place % period) + period) % period
      return turned < count ? turned : period - turned
    case .symmetric:
      let turned = ((place % (2 * count)) + 2 * count) % (2 * count)
      return turned < count ? turned : 2 * count - 1 - turned
    }
  }
}

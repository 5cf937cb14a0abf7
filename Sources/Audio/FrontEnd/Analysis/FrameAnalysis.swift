import Fourier
import Glibc
import Tensors

/// From the samples of a sound to its compressed bands, frame by frame on several threads, and back.
struct FrameAnalysis: Sendable {
  let frontEnd: FrontEnd
  let analysis: FrontEnd.Analysis
  let plan: RealFourierPlan
  let bank: FilterBank
  let compressor: Compressor
  let exponent: Double

  init(_ analysis: FrontEnd.Analysis, of frontEnd: FrontEnd) {
    (self.frontEnd, self.analysis) = (frontEnd, analysis)
    plan = .shared(analysis.fft)
    bank = .shared(for: analysis, sampleRate: frontEnd.sampleRate)
    compressor = Compressor(analysis.compression)
    exponent = analysis.spectrum.exponent
  }

  /// `[frames, bands]`, compressed but for what needs the whole picture.
  func bands(of samples: [Float]) -> Tensor {
    run(samples, width: bank.bands) { room, target in
      room.takeEnergies(exponent: exponent)
      sum(room.energies, into: target)
    }
  }

  /// `|X|`, `[frames, bins]`.
  func magnitudes(of samples: [Float]) -> Tensor {
    run(samples, width: plan.bins) { room, target in
      room.takeEnergies(exponent: 1)
      for bin in 0..<plan.bins { target[bin] = room.energies[bin] }
    }
  }

  /// `bands(of:)` of a sound that has these magnitudes.
  func bands(ofMagnitudes magnitudes: Tensor) -> Tensor {
    let (frames, bins) = (magnitudes.shape[0], plan.bins)
    return Tensor(unsafeUninitialized: [frames, bank.bands]) { output in
      magnitudes.withUnsafeValues { magnitudes in
        nonisolated(unsafe) let (magnitudes, output) = (magnitudes, output)
        Self.inChunks(frames) { range in
          let room = FrameRoom(analysis, plan)
          defer { withExtendedLifetime(room) {} }
          for frame in range {
            for bin in 0..<bins {
              room.buffers.parts[2 * bin] = Double(magnitudes[frame * bins + bin])
            }
            room.takeEnergies(exponent: exponent)
            sum(room.energies, into: Self.row(frame, of: bank.bands, in: output))
          }
        }
      }
    }
  }

  /// Makes one frame's result of its spectrum.
  private typealias Writing = @Sendable (FrameRoom, UnsafeMutableBufferPointer<Float>) -> Void

  private func run(_ samples: [Float], width: Int, _ write: @escaping Writing) -> Tensor {
    let frames = frontEnd.frameCount(samples: samples.count)
    let reader = FrameReader(analysis, of: frontEnd, samples: samples.count)
    return Tensor(unsafeUninitialized: [frames, width]) { output in
      samples.withUnsafeBufferPointer { samples in
        // Read by all threads; written in ranges that do not overlap.
        nonisolated(unsafe) let (samples, output) = (samples, output)
        Self.inChunks(frames) { range in
          let room = FrameRoom(analysis, plan)
          defer { withExtendedLifetime(room) {} }
          for frame in range {
            reader.load(frame, of: samples, into: room.buffers.samples, room.stretch)
            plan.transform(room.buffers)
            write(room, Self.row(frame, of: width, in: output))
          }
        }
      }
    }
  }

  static func row(_ index: Int, of width: Int, in values: UnsafeMutableBufferPointer<Float>)
    -> UnsafeMutableBufferPointer<Float>
  {
    UnsafeMutableBufferPointer(rebasing: values[index * width..<(index + 1) * width])
  }

  /// Enough chunks that threads share them evenly, few enough that their buffers cost nothing.
  static func inChunks(_ frames: Int, _ work: @Sendable (Range<Int>) -> Void) {
    let chunks = chunks(of: frames)
    concurrently(chunks.count) { work(chunks[$0]) }
  }

  static func chunks(of frames: Int) -> [Range<Int>] {
    let size = max(32, min(frames / 16, 128), frames / 64)
    return stride(from: 0, to: frames, by: size).map { $0..<min($0 + size, frames) }
  }

  private func sum(_ energies: UnsafePointer<Float>, into target: UnsafeMutableBufferPointer<Float>) {
    guard let target = target.baseAddress else { return }
    bank.sum(energies, into: target)
    compressor.apply(to: target, count: bank.bands)
  }
}

/// What one thread computes frames in.
final class FrameRoom {
  let buffers: RealFourierBuffers
  /// `|X|^exponent` of each bin, and a zero behind them: filter banks read two at a time.
  let energies: UnsafeMutablePointer<Float>
  let stretch: FrameStretch
  private let bins: Int

  init(_ analysis: FrontEnd.Analysis, _ plan: RealFourierPlan) {
    buffers = RealFourierBuffers(plan.size)
    bins = plan.bins
    energies = .allocate(capacity: bins + 1)
    energies.initialize(repeating: 0, count: bins + 1)
    stretch = FrameStretch(analysis)
  }

  deinit { energies.deallocate() }

  /// Powers in double precision, then single: their relative error is what counts in sums of them.
  func takeEnergies(exponent: Double) {
    let (parts, energies) = (buffers.parts, energies)
    var (source, target) = (UnsafeRawPointer(parts), UnsafeMutableRawPointer(energies))
    for _ in 0..<bins / 4 {
      let powers = SIMD4(lowHalf: Self.powers(source), highHalf: Self.powers(source + 32))
      target.storeBytes(of: SIMD4<Float>(powers), as: SIMD4<Float>.self)
      (source, target) = (source + 64, target + 16)
    }
    for bin in bins / 4 * 4..<bins {
      energies[bin] = Float(parts[2 * bin] * parts[2 * bin] + parts[2 * bin + 1] * parts[2 * bin + 1])
    }
    guard exponent != 2 else { return }
    if exponent == 1 {
      for bin in 0..<bins { energies[bin] = energies[bin].squareRoot() }
    } else {
      for bin in 0..<bins { energies[bin] = powf(energies[bin], Float(exponent / 2)) }
    }
  }

  /// `|X|²` of two bins. The load between them saves exchanges of vectors' halves, which wait for one port of the core.
  @inline(__always)
  private static func powers(_ parts: UnsafeRawPointer) -> SIMD2<Double> {
    func square(_ place: Int) -> SIMD2<Double> {
      let two = parts.loadUnaligned(fromByteOffset: 8 * place, as: SIMD2<Double>.self)
      return two * two
    }
    let (first, between, last) = (square(0), square(1), square(2))
    return SIMD2((first + between)[0], (between + last)[1])
  }
}

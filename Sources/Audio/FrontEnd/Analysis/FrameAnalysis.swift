import Glibc
import Glibc
import Tensors

/// From the samples of a sound to its compressed bands, frame by frame on several threads, and back.
struct FrameAnalysis: Sendable {
  let frontEnd: FrontEnd
  let analysis: FrontEnd.Analysis
  let plan: PreciseFourierPlan
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
            reader.load(frame, of: samples, into: room.buffers.samples, room: room.samples)
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

  /// Enough chunks that two threads share them evenly, few enough that their buffers cost nothing.
  private static func inChunks(_ frames: Int, _ work: @Sendable (Range<Int>) -> Void) {
    let chunks = chunks(of: frames)
    concurrently(chunks.count) { work(chunks[$0]) }
  }

  static func chunks(of frames: Int) -> [Range<Int>] {
    let size = max(32, frames / 64)
    return stride(from: 0, to: frames, by: size).map { $0..<min($0 + size, frames) }
  }

  private func sum(_ energies: UnsafeMutablePointer<Float>, into target: UnsafeMutableBufferPointer<Float>) {
    guard let target = target.baseAddress else { return }
    sumBands(energies, into: target)
    compressor.apply(to: target, count: bank.bands)
  }

  /// The bands' energies.
  func sumBands(_ energies: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    bank.starts.withUnsafeBufferPointer { starts in
      bank.firstBins.withUnsafeBufferPointer { firstBins in
        bank.weights.withUnsafeBufferPointer { weights in
          guard let weights = weights.baseAddress else { return }
          for band in firstBins.indices {
            let (start, end) = (starts[band], starts[band + 1])
            let bins = energies + firstBins[band] - start
            // Eight sums at once: each addition waits for the one before.
            var sums = SIMD8<Float>.zero
            var index = start
            while index + 8 <= end {
              let eight = UnsafeRawPointer(weights + index).loadUnaligned(as: SIMD8<Float>.self)
              sums += eight * UnsafeRawPointer(bins + index).loadUnaligned(as: SIMD8<Float>.self)
              index += 8
            }
            var sum = sums.sum()
            while index < end {
              sum += weights[index] * bins[index]
              index += 1
            }
            target[band] = sum
          }
        }
      }
    }
  }
}

/// What one thread computes frames in.
final class FrameRoom {
  let buffers: PreciseFourierBuffers
  /// `|X|^exponent` of each bin.
  let energies: UnsafeMutablePointer<Float>
  /// The samples of a frame before they are weighted, and one more.
  let samples: UnsafeMutablePointer<Double>
  private let bins: Int

  init(_ analysis: FrontEnd.Analysis, _ plan: PreciseFourierPlan) {
    buffers = PreciseFourierBuffers(plan.size)
    bins = plan.bins
    energies = .allocate(capacity: bins)
    energies.initialize(repeating: 0, count: bins)
    samples = .allocate(capacity: analysis.window + 1)
    samples.initialize(repeating: 0, count: analysis.window + 1)
  }

  deinit {
    energies.deallocate()
    samples.deallocate()
  }

  /// Powers in double precision, then single: their relative error is what counts in sums of them.
  func takeEnergies(exponent: Double) {
    let (parts, energies) = (buffers.parts, energies)
    for bin in 0..<bins {
      energies[bin] = Float(parts[2 * bin] * parts[2 * bin] + parts[2 * bin + 1] * parts[2 * bin + 1])
    }
    guard exponent != 2 else { return }
    if exponent == 1 {
      for bin in 0..<bins { energies[bin] = energies[bin].squareRoot() }
    } else {
      for bin in 0..<bins { energies[bin] = powf(energies[bin], Float(exponent / 2)) }
    }
  }
}

import Audio
import Glibc
import Models
import Tensors

/// What of a clip is sound, padding and silence, how high its recording reaches, and which tones go through it.
///
/// Of samples: *padding* is a run of at least 50 ms at an end in which no sample is further than 1e-4 from the last one; a *gap*
/// is a stretch of 20 ms, between sounds, that is 60 dB below the loudest. The *steady spectrum* is the level that each
/// frequency keeps up in three quarters of the frames that are neither: strokes and voices do not, a tone, a hum and a hiss do.
struct ClipAnatomy: Sendable {
  /// Of the picture's frames, those that hold the clip's sound.
  let sound: [Int]
  let padding: [Int]
  let gaps: [Int]
  /// The highest frequency that is less than 80 dB below the loudest one, in hertz.
  let ceiling: Double
  /// The share of the clip's energy in each slice.
  let energy: [Double]
  /// How far each bin of the steady spectrum stands out of its surroundings, in dB.
  let prominence: [Float]

  /// The points of the transform.
  static let size = 2048
  /// Bins to each side that are a bin's surroundings.
  private static let reach = 16

  static func hertz(ofBin bin: Int, sampleRate: Int) -> Double {
    Double(bin) * Double(sampleRate) / Double(size)
  }

  /// - Parameters:
  ///   - samples: mono, at the model's rate.
  ///   - frames: of the picture.
  init(_ samples: [Float], frames: Int, of model: AudioModel, slices: BandSlices) {
    let rate = Double(model.sampleRate)
    let ends = Self.live(samples, shortest: Int(0.05 * rate))
    let quiet = Self.quiet(samples, in: ends, block: max(1, Int(0.02 * rate)))
    var (sound, padding, gaps) = ([Int](), [Int](), [Int]())
    for frame in 0..<frames {
      let middle = Int(model.axes.time(ofFrame: frame) * rate)
      if middle < ends.lowerBound || middle >= ends.upperBound {
        padding.append(frame)
      } else if quiet[middle / max(1, Int(0.02 * rate))] {
        gaps.append(frame)
      } else {
        sound.append(frame)
      }
    }
    (self.sound, self.padding, self.gaps) = (sound, padding, gaps)

    let spectrum = FrameGrid(hann: Self.size, hop: Self.size / 2, count: samples.count)
      .magnitudes(of: samples)
    let bins = spectrum.shape[1]
    var power = [Double](repeating: 0, count: bins)
    var live: [Int] = []
    spectrum.withUnsafeValues { values in
      for frame in 0..<spectrum.shape[0] {
        for bin in 0..<bins {
          let value = Double(values[frame * bins + bin])
          power[bin] += value * value
        }
        let middle = frame * Self.size / 2
        if ends.contains(middle), !quiet[middle / max(1, Int(0.02 * rate))] { live.append(frame) }
      }
    }
    let whole = power.reduce(0, +)
    let loudest = power.max() ?? 0
    ceiling = Self.hertz(
      ofBin: power.lastIndex { $0 > 1e-8 * loudest } ?? bins - 1, sampleRate: model.sampleRate)
    energy = slices.hertz.map { range in
      let inside = power.indices.filter {
        range.contains(Self.hertz(ofBin: $0, sampleRate: model.sampleRate))
      }
      return whole > 0 ? inside.reduce(0) { $0 + power[$1] } / whole : 0
    }
    prominence = Self.prominence(of: spectrum, frames: live)
  }

  /// The samples between constant ends; none where all are alike.
  private static func live(_ samples: [Float], shortest: Int) -> Range<Int> {
    guard let first = samples.first, let last = samples.last else { return 0..<0 }
    let start = samples.firstIndex { abs($0 - first) > 1e-4 } ?? samples.count
    let end = (samples.lastIndex { abs($0 - last) > 1e-4 } ?? -1) + 1
    guard start < end else { return 0..<0 }
    return (start >= shortest ? start : 0)..<(samples.count - end >= shortest ? end : samples.count)
  }

  /// Whether each block is 60 dB below the loudest.
  private static func quiet(_ samples: [Float], in range: Range<Int>, block: Int) -> [Bool] {
    var levels: [Float] = []
    for start in stride(from: 0, to: max(1, samples.count), by: block) {
      let part = samples[start..<min(samples.count, start + block)]
      levels.append(part.reduce(0) { $0 + $1 * $1 } / Float(max(1, part.count)))
    }
    let loudest = levels.max() ?? 0
    return levels.map { $0 <= 1e-6 * loudest }
  }

  private static func prominence(of spectrum: Tensor, frames: [Int]) -> [Float] {
    let bins = spectrum.shape[1]
    guard !frames.isEmpty else { return [Float](repeating: 0, count: bins) }
    let steady = spectrum.withUnsafeValues { values in
      (0..<bins).map { bin -> Float in
        let sorted = frames.map { values[$0 * bins + bin] }.sorted()
        return sorted[(sorted.count - 1) / 4]
      }
    }
    // Down to 100 dB below the loudest.
    let least = max((steady.max() ?? 0) * 1e-5, 1e-20)
    let levels = steady.map { 20 * log10f(max($0, least)) }
    return levels.indices.map { bin in
      let around = levels[max(0, bin - reach)..<min(bins, bin + reach + 1)].sorted()
      return levels[bin] - around[around.count / 2]
    }
  }
}

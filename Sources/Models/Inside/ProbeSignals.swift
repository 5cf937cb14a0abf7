import Glibc
import Tensors

/// Test signals for a network that takes samples: clicks, steady sines, and slow sweeps, one a row.
///
/// What a tensor makes of them tells which of its axes runs along time and which along frequency, and where each place of
/// them lies in seconds and hertz.
struct ProbeSignals: Sendable {
  /// In hertz.
  let rate: Int
  /// Samples of a row.
  let length: Int

  var seconds: Double { Double(length) / Double(rate) }
  private var nyquist: Double { Double(rate) / 2 }
  /// A sine of which a row holds three periods.
  private var lowest: Double { max(20, 3 / seconds) }

  // MARK: - Which axis is which

  /// When each click sounds, in seconds.
  var clickTimes: [Double] { (0..<5).map { Double(click($0)) / Double(rate) } }

  private func click(_ index: Int) -> Int { Int(Double(length) * (0.15 + 0.17 * Double(index))) }

  /// The steady sines' frequencies, evenly spaced on a logarithmic scale, in hertz.
  var sines: [Double] {
    (0..<20).map { lowest * pow(0.9 * nyquist / lowest, Double($0) / 19) }
  }

  /// Clicks, then steady sines: `[25, length]`.
  var first: Tensor {
    let rows = clickTimes.count + sines.count
    return Tensor(unsafeUninitialized: [rows, length]) { values in
      values.update(repeating: 0)
      for index in clickTimes.indices { values[index * length + click(index)] = 0.5 }
      for (index, hertz) in sines.enumerated() {
        fill(values, row: clickTimes.count + index, from: hertz, to: hertz)
      }
    }
  }

  // MARK: - Where bands lie

  /// A row whose frequency rises linearly from its beginning to its end; equal for a steady sine.
  struct Sweep: Sendable {
    let from: Double
    let to: Double
  }

  /// Sweeps that together cover all frequencies; sines in rows too short to hear a sweep in.
  var sweeps: [Sweep] {
    let top = 0.995 * nyquist
    guard seconds >= 0.4 else {
      return (0..<192).map { index in
        // Half of them evenly spaced in hertz, half logarithmically.
        let share = Double(index / 2) / 95
        let hertz =
          index % 2 == 0 ? lowest * pow(top / lowest, share) : lowest + (top - lowest) * share
        return Sweep(from: hertz, to: hertz)
      }
    }
    return (0..<8).map { index in
      Sweep(
        from: lowest * pow(top / lowest, Double(index) / 8),
        to: lowest * pow(top / lowest, Double(index + 1) / 8))
    }
  }

  /// `[sweeps, length]`.
  var second: Tensor {
    let sweeps = self.sweeps
    return Tensor(unsafeUninitialized: [sweeps.count, length]) { values in
      for (row, sweep) in sweeps.enumerated() { fill(values, row: row, from: sweep.from, to: sweep.to) }
    }
  }

  /// The frequency that a sweep has at a time; nil near its ends, where a frame sees only part of it.
  func hertz(of sweep: Sweep, at time: Double) -> Double? {
    let share = time / seconds
    guard sweep.from < sweep.to else { return sweep.from }
    guard share > 0.03, share < 0.97 else { return nil }
    return sweep.from + (sweep.to - sweep.from) * share
  }

  private func fill(_ values: UnsafeMutableBufferPointer<Float>, row: Int, from: Double, to: Double) {
    let slope = (to - from) / Double(length)
    for index in 0..<length {
      let time = Double(index)
      let phase = 2 * Double.pi * (from + slope * time / 2) * time / Double(rate)
      values[row * length + index] = Float(0.5 * sin(phase))
    }
  }
}

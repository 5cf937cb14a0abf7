import Audio
import Glibc
package import Models
import Tensors

extension AudioModel {
  /// From silence to the loudest that sounds make of the picture: what a value of it can be.
  ///
  /// For samples −1 to 1. For pictures measured: silence, and at full scale a steady sine, a sweep over all frequencies,
  /// a click, white noise, and the bundled recordings.
  package func valueRange() throws -> ClosedRange<Float> {
    guard hasPicture else { return -1...1 }
    var (low, high) = (Float.infinity, -Float.infinity)
    let count = max(sampleRate, Int(patchSeconds * Double(sampleRate)) + 1)
    let silence = [Float](repeating: 0, count: count * channelCount)
    for samples in [silence] + testSounds(count: count) + bundledSounds() {
      let picture = try picture(of: samples)
      picture.withUnsafeValues { values in
        for value in values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
      }
    }
    guard low < high else { return low...(low + 1) }
    return low...high
  }

  private func testSounds(count: Int) -> [[Float]] {
    var bits = SplitMix64(seed: 1)
    let rate = Double(sampleRate)
    let lowest = 40.0
    let octaves = log2(0.9 * rate / 2 / lowest)
    var phase = 0.0
    var sweep: [Float] = []
    for index in 0..<count {
      phase += 2 * Double.pi * lowest * exp2(octaves * Double(index) / Double(count)) / rate
      sweep.append(Float(sin(phase)))
    }
    let sine = (0..<count).map { Float(sin(2 * Double.pi * 1000 * Double($0) / rate)) }
    let noise = (0..<count).map { _ in Float.random(in: -1...1, using: &bits) }
    let click = (0..<count).map { $0 == count / 2 ? Float(1) : 0 }
    return [sine, sweep, noise, click].map { samples in
      Array([[Float]](repeating: samples, count: channelCount).joined())
    }
  }

  /// At full scale; none where they are not installed.
  private func bundledSounds() -> [[Float]] {
    ["dog.mp3", "drum_roll.flac", "ambi_choir.flac", "perc_bell.flac", "guit_em9.flac"].compactMap { name in
      guard let path = try? BundledData.soundPath(name), let recording = try? Recording.read(path),
        let samples = try? samples(of: recording)
      else { return nil }
      let peak = samples.reduce(Float(0)) { max($0, abs($1)) }
      return peak > 0 ? samples.map { $0 / peak } : samples
    }
  }
}

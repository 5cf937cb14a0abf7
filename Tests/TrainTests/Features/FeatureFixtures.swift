import Audio
import Files
import Glibc
import TestSupport
import Train

/// A tone and seeded noise, in mono.
func toy(_ hertz: Double, seconds: Double = 1, rate: Int = 8000, seed: UInt32 = 1) -> Recording {
  var state = seed &* 2_654_435_761
  return Recording(
    channels: [
      (0..<Int(seconds * Double(rate))).map { index in
        state = state &* 1_664_525 &+ 1_013_904_223
        let noise = Double(state) / 0x1p32 - 0.5
        return Float(0.4 * sin(2 * Double.pi * hertz * Double(index) / Double(rate)) + 0.1 * noise)
      }
    ], sampleRate: rate)
}

/// 16 mel bands of 32 ms, every 16 ms, at 8 kHz.
func toyFrontEnd(bands: Int = 16, channels: FrontEnd.Sound.Channels = .mix) throws -> FrontEnd {
  try FrontEnd(
    sampleRate: 8000, sound: FrontEnd.Sound(channels: channels),
    analysis: FrontEnd.Analysis(
      window: 256, hop: 128, fft: 256, framing: .centred, spectrum: .power,
      bands: .mel(
        FrontEnd.Mel(
          bands: bands, lowest: 100, highest: 4000, scale: .htk, norm: .none, construction: .librosa)),
      compression: .log(base: .natural, scale: 1, offset: 0.001)),
    patch: FrontEnd.Patch(frames: 16, hop: 8, tail: .padToHop))
}

/// Clips in a folder: a tone each, in two classes.
func toyClips(_ count: Int, in folder: String) throws -> [LabelledClip] {
  try (0..<count).map { index in
    let path = "\(folder)/clip-\(index).wav"
    try writeWAV(
      toy(300 + 100 * Double(index), seconds: 0.5 + 0.1 * Double(index), seed: UInt32(index)), to: path)
    return LabelledClip(path: path, classes: [index % 2])
  }
}

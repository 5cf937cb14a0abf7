import Audio
import Files
import TestSupport
import Testing

/// µ-law WAV files, as FFmpeg reads them back.
struct MuLawTests {
  @Test("A sound comes back within a step of its level")
  func roundTrip() throws {
    let samples = testSignal(2401, rate: 16_000) + [0, 1, -1, 0.5, -0.5, 1e-5]
    let recording = Recording(channels: [samples], sampleRate: 16_000)
    try withScratchFolder { folder in
      let path = "\(folder)/sound.wav"
      let bytes = try muLawWAVBytes(of: recording)
      // 58 bytes of header, one a sample, one to make it even.
      #expect(bytes.count == 58 + samples.count + samples.count % 2)
      try WholeFile.write(bytes, to: path)
      let read = try Recording.read(path)
      #expect(read.frames == samples.count && read.sampleRate == 16_000)
      for (value, wanted) in zip(read.channels[0], samples) {
        // G.711: 16 steps an octave of what is 33 of 8192 more than the level, so half a step is a 32nd of that; half of
        // an 8192nd, for levels are whole numbers before, and one of the 16 bits that FFmpeg decodes to.
        let step: Float = (abs(wanted) + 33 / 8192) / 32
        #expect(abs(value - wanted) <= step + 1 / 16_384 + 1 / 32_768)
      }
    }
  }

  @Test("What is beyond full scale is refused")
  func tooLoud() {
    #expect(throws: AudioError.self) { try muLawWAVBytes(of: Recording(channels: [[1.5]], sampleRate: 8000)) }
  }
}

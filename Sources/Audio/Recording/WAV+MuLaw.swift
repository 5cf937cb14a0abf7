/// The content of a WAV file of half the size: 8 bits a sample on the logarithmic scale of telephony, µ-law, ITU-T G.711.
///
/// Its steps grow with the level, some 38 dB below it: good enough to recognise a sound by, and what every browser plays.
/// Samples beyond ±1 are refused as by `wavBytes(of:)`.
package func muLawWAVBytes(of recording: Recording) throws(AudioError) -> [UInt8] {
  let peak = recording.peak
  guard peak <= 1, !recording.channels.contains(where: { $0.contains { $0.isNaN } }) else {
    throw .beyondFullScale(peak: peak)
  }
  let width = recording.channels.count
  let size = recording.frames * width
  guard size <= Int(UInt32.max) - 64, width <= Int(UInt16.max) else { throw .tooLargeForWAV(bytes: size) }
  var bytes = [UInt8]()
  bytes.reserveCapacity(58 + size)
  func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
  bytes += "RIFF".utf8
  append(UInt32(50 + size + size % 2))
  bytes += "WAVEfmt ".utf8
  append(UInt32(18))
  append(UInt16(7))  // µ-law
  append(UInt16(width))
  append(UInt32(recording.sampleRate))
  append(UInt32(recording.sampleRate * width))
  append(UInt16(width))
  append(UInt16(8))
  append(UInt16(0))
  // What is not PCM tells its number of frames.
  bytes += "fact".utf8
  append(UInt32(4))
  append(UInt32(recording.frames))
  bytes += "data".utf8
  append(UInt32(size))
  for frame in 0..<recording.frames {
    for channel in recording.channels { bytes.append(muLaw(channel[frame])) }
  }
  if size % 2 == 1 { bytes.append(0) }
  return bytes
}

/// A sample within ±1 as G.711's byte: sign, three bits of exponent and four of mantissa, inverted.
func muLaw(_ sample: Float) -> UInt8 {
  let bias = 33
  let magnitude = min(Int((sample.magnitude * 8192).rounded()), 8158) + bias
  let exponent = max(0, Int.bitWidth - magnitude.leadingZeroBitCount - 6)
  let mantissa = magnitude >> (exponent + 1) & 15
  return ~UInt8((sample < 0 ? 0x80 : 0) | exponent << 4 | mantissa)
}

import Files

/// A recording as the bytes of a WAV file: RIFF, 16-bit PCM, little-endian, channels interleaved.
///
/// A sample `x` becomes `round(32768 x)`, and full scale, 1, the largest there is, 32767; so a 16-bit file that was
/// read is written back bit for bit.
///
/// - Throws: `.beyondFullScale` where a sample is beyond ±1 (nothing is ever clipped; see
///   ``Recording/scaled(toPeak:)``), `.tooLargeForWAV` from 4 GiB on.
public func wavBytes(of recording: Recording) throws(AudioError) -> [UInt8] {
  let peak = recording.peak
  guard peak <= 1, !recording.channels.contains(where: { $0.contains { $0.isNaN } }) else {
    throw .beyondFullScale(peak: peak)
  }
  let width = recording.channels.count
  let size = recording.frames * width * 2
  guard size <= Int(UInt32.max) - 36, width <= Int(UInt16.max) else { throw .tooLargeForWAV(bytes: size) }

  var bytes = [UInt8]()
  bytes.reserveCapacity(44 + size)
  func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
  bytes += "RIFF".utf8
  append(UInt32(36 + size))
  bytes += "WAVEfmt ".utf8
  append(UInt32(16))
  append(UInt16(1))  // PCM
  append(UInt16(width))
  append(UInt32(recording.sampleRate))
  append(UInt32(recording.sampleRate * width * 2))
  append(UInt16(width * 2))
  append(UInt16(16))
  bytes += "data".utf8
  append(UInt32(size))
  for frame in 0..<recording.frames {
    for channel in recording.channels {
      append(Int16(min((channel[frame] * 0x1p15).rounded(), 32767)))
    }
  }
  return bytes
}

/// Writes `wavBytes(of:)` to `path`, whole or not at all.
///
/// - Throws: `AudioError` as `wavBytes(of:)` does, `FileError` where the file cannot be written.
public func writeWAV(_ recording: Recording, to path: String) throws {
  try WholeFile.write(wavBytes(of: recording), to: path)
}

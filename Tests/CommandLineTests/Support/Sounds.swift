import Files
import Glibc

/// The bytes of a WAV file of 32-bit floats.
func floatWAV(_ samples: [Float], rate: Int = 16000) -> [UInt8] {
  var bytes = header(format: 3, bits: 32, rate: rate, dataBytes: samples.count * 4)
  for sample in samples { append(sample.bitPattern, to: &bytes) }
  return bytes
}

/// The bytes of a 16-bit WAV file.
func integerWAV(_ samples: [Float], rate: Int = 16000) -> [UInt8] {
  var bytes = header(format: 1, bits: 16, rate: rate, dataBytes: samples.count * 2)
  for sample in samples { append(Int16(sample * 32767), to: &bytes) }
  return bytes
}

/// A tone that rises and comes and goes.
func chirp(seconds: Double, rate: Int = 16000) -> [Float] {
  (0..<Int(seconds * Double(rate))).map { index in
    let t = Double(index) / Double(rate)
    return Float(0.5 * sin(2 * .pi * (300 + 200 * t) * t) * (0.5 + 0.5 * sin(9 * t)))
  }
}

/// Writes a short sound to `path`.
func writeChirp(_ path: String, seconds: Double = 1.5) throws {
  try WholeFile.write(integerWAV(chirp(seconds: seconds)), to: path)
}

/// Writes a steady tone of half the full scale.
func writeTone(_ path: String, _ hertz: Double, seconds: Double) throws {
  let samples = (0..<Int(seconds * 16000)).map {
    Float(0.5 * sin(2 * Double.pi * hertz * Double($0) / 16000))
  }
  try WholeFile.write(floatWAV(samples), to: path)
}

/// Writes a recording of many hours that takes no room on the disk: 8 bits, 16 kHz, and nothing but a hole in it.
func writeLongRecording(_ path: String, seconds: Int) throws {
  let count = seconds * 16000
  try WholeFile.write(header(format: 1, bits: 8, rate: 16000, dataBytes: count), to: path)
  guard truncate(path, off_t(44 + count)) == 0 else { throw Otoscope.Failure("truncate: \(errno)") }
}

private func header(format: UInt16, bits: Int, rate: Int, dataBytes: Int) -> [UInt8] {
  var bytes = Array("RIFF".utf8)
  append(UInt32(36 + dataBytes), to: &bytes)
  bytes += "WAVEfmt ".utf8
  append(UInt32(16), to: &bytes)
  append(format, to: &bytes)
  append(UInt16(1), to: &bytes)
  append(UInt32(rate), to: &bytes)
  append(UInt32(rate * bits / 8), to: &bytes)
  append(UInt16(bits / 8), to: &bytes)
  append(UInt16(bits), to: &bytes)
  bytes += "data".utf8
  append(UInt32(dataBytes), to: &bytes)
  return bytes
}

private func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
  withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
}

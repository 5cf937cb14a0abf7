import Audio
import Files
import Glibc
import Tensors

/// A chirp and seeded noise: the same numbers as Golden/make.py's `signal`.
func testSignal(_ count: Int, rate: Int) -> [Float] {
  var state: UInt32 = 12345
  return (0..<count).map { index in
    state = state &* 1_664_525 &+ 1_013_904_223
    let noise = Double(state) / 0x1p32 - 0.5
    let t = Double(index) / Double(rate)
    return Float(0.4 * sin(2 * Double.pi * (200 * t + 1500 * t * t)) + 0.1 * noise)
  }
}

func tone(_ hertz: Double, seconds: Double, rate: Int, amplitude: Double = 0.5) -> [Float] {
  (0..<Int(seconds * Double(rate))).map {
    Float(amplitude * sin(2 * Double.pi * hertz * Double($0) / Double(rate)))
  }
}

/// The path of a committed golden file.
func golden(_ name: String, from file: String = #filePath) -> String {
  file.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Golden/" + name
}

/// The path of a sound that Otoscope comes with.
func bundledSound(_ name: String, from file: String = #filePath) -> String {
  file.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Data/sounds/" + name
}

/// The values of a float32 .npy file; its header's length stands in bytes 8 and 9.
func goldenValues(_ name: String) throws -> [Float] {
  let bytes = try WholeFile.read(golden(name))
  let start = 10 + Int(bytes[8]) + Int(bytes[9]) * 256
  return stride(from: start, to: bytes.count, by: 4).map { place in
    Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * $1) })
  }
}

/// A folder that is gone when the test ends.
final class Scratch {
  let path: String

  init() throws {
    path = "/tmp/audio-tests-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try WholeFile.makeFolder(path)
  }

  deinit {
    guard let folder = opendir(path) else { return }
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      unlink(path + "/" + name)
    }
    closedir(folder)
    rmdir(path)
  }

  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try WholeFile.write(bytes, to: path + "/" + name)
    return path + "/" + name
  }
}

/// A WAV file of 32-bit floats, with any header.
func floatWAV(_ samples: [Float], rate: UInt32 = 16000, channels: UInt16 = 1) -> [UInt8] {
  var bytes = [UInt8]()
  func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
  bytes += "RIFF".utf8
  append(UInt32(36 + 4 * samples.count))
  bytes += "WAVEfmt ".utf8
  append(UInt32(16))
  append(UInt16(3))  // IEEE float
  append(channels)
  append(rate)
  append(rate &* UInt32(channels) &* 4)
  append(channels &* 4)
  append(UInt16(32))
  bytes += "data".utf8
  append(UInt32(4 * samples.count))
  for sample in samples { append(sample.bitPattern) }
  return bytes
}

func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}

func energy(_ samples: some Collection<Float>) -> Double {
  samples.reduce(0) { $0 + Double($1) * Double($1) }
}

import Files
import TestSupport
import Testing

/// Models made to fill the memory: whatever they say, reading them takes at most four times the file and 64 MiB more
/// than reading a small one.
@Suite("Models that ask for much memory", .serialized)
struct HostileModelTests {
  private func expectLittleMemory(
    _ bytes: [UInt8], times: Int = 4, in folder: String, status: Int32, saying words: String = ""
  ) throws {
    try TinyNetwork.listener.write(to: "\(folder)/small.onnx")
    try WholeFile.write(bytes, to: "\(folder)/large.onnx")
    let allowed = times * bytes.count + 64 << 20
    let small = try Otoscope.run("inspect", "small.onnx", in: folder)
    let large = try Otoscope.run("inspect", "large.onnx", in: folder)
    #expect(large.status == status && large.errors.contains(words), "\(large.errors)")
    let more = large.peakMemory - small.peakMemory
    #expect(more < allowed, "\(more >> 20) MiB for \(bytes.count) bytes")
  }

  /// The small network, and in the same graph what these bytes say.
  private func network(with contents: [UInt8]) -> [UInt8] {
    TinyNetwork.listener.bytes + field(7, contents)
  }

  private func field(_ number: Int, _ contents: [UInt8]) -> [UInt8] {
    [UInt8(number << 3 | 2)] + varint(contents.count) + contents
  }

  private func varint(_ value: Int) -> [UInt8] {
    value < 128 ? [UInt8(value)] : [UInt8(value & 127) | 128] + varint(value >> 7)
  }

  private func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count * bytes.count)
    for _ in 0..<count { result += bytes }
    return result
  }

  @Test(
    "millions of empty messages and of numbers of one byte",
    arguments: [[0x0A, 0], [0x2A, 0], [0x5A, 0], [0x62, 0]] as [[UInt8]])
  func counts(entry: [UInt8]) throws {
    try withScratchFolder { folder in
      // Too many of them are refused; as many as pass stay within bounds, too.
      try expectLittleMemory(
        network(with: repeated(entry, 8_000_000)), in: folder, status: 1, saying: "many times its size")
      try expectLittleMemory(network(with: repeated(entry, 60_000)), in: folder, status: 1)
      let numbers = field(5, field(7, [UInt8](repeating: 1, count: 30_000_000)))
      try expectLittleMemory(network(with: numbers), in: folder, status: 1, saying: "many times its size")
    }
  }

  @Test("large weights", arguments: [(1, 4), (10, 2), (11, 8), (7, 8), (3, 1)])
  func weights(type: Int, width: Int) throws {
    try withScratchFolder { folder in
      let count = 16 << 20
      let weight =
        field(1, varint(count)) + [0x10, UInt8(type)] + field(8, Array("large".utf8))
        + field(9, [UInt8](repeating: 0x3C, count: count * width))
      try expectLittleMemory(network(with: field(5, weight)), in: folder, status: 0)
    }
  }

  @Test("large weights of 8 bits that become real numbers")
  func quantized() throws {
    try withScratchFolder { folder in
      let count = 16 << 20
      let weight =
        field(1, varint(count)) + [0x10, 3] + field(8, Array("q".utf8))
        + field(9, [UInt8](repeating: 0x3C, count: count))
      let scale = [0x10, 1] + field(8, Array("s".utf8)) + field(9, [0, 0, 0, 0x3F])
      let node =
        field(1, Array("q".utf8)) + field(1, Array("s".utf8)) + field(2, Array("r".utf8))
        + field(4, Array("DequantizeLinear".utf8))
      try expectLittleMemory(
        network(with: field(5, weight) + field(5, scale) + field(1, node)), in: folder, status: 0)
    }
  }

  @Test("constants that double and double")
  func constants() throws {
    try withScratchFolder { folder in
      var node: [UInt8] = []
      for step in 0..<40 {
        let (from, to) = (Array("c\(step)".utf8), Array("c\(step + 1)".utf8))
        let axis = field(1, Array("axis".utf8)) + [0x18, 0] + [0xA0, 1, 2]
        node += field(
          1,
          field(1, from) + field(1, from) + field(2, to) + field(4, Array("Concat".utf8)) + field(5, axis))
      }
      let weight =
        field(1, varint(1024)) + [0x10, 1] + field(8, Array("c0".utf8))
        + field(9, [UInt8](repeating: 0, count: 4096))
      try expectLittleMemory(network(with: field(5, weight) + node), in: folder, status: 1)
    }
  }
}

import Reports
import Tensors

/// Arrays and what is told of them, in one body: `application/vnd.otoscope.pack`.
///
/// A 32-bit length `L`, little-endian; `L` bytes of JSON, padded with spaces so that `4 + L` is a multiple of 8; then the
/// arrays, each padded with zeros to a multiple of 8 bytes. The JSON is an object of facts with the key `arrays`, a list of
/// `{"name", "type", "shape", "offset"}`: the type is `float32`, `int16` or `uint8`, the offset counts from the first array.
struct Pack {
  private struct Entry: Encodable {
    let name: String
    let type: String
    let shape: [Int]
    let offset: Int
  }

  private struct Header<Facts: Encodable>: Encodable {
    let facts: Facts
    let arrays: [Entry]

    /// The facts' own keys, and one more.
    func encode(to encoder: any Encoder) throws {
      try facts.encode(to: encoder)
      var container = encoder.container(keyedBy: Keys.self)
      try container.encode(arrays, forKey: .arrays)
    }

    private enum Keys: CodingKey { case arrays }
  }

  private var entries: [Entry] = []
  private var payload: [UInt8] = []

  /// Numbers that are none become 0.
  mutating func add(_ name: String, _ tensor: Tensor) {
    tensor.withUnsafeValues { values in
      add(name, "float32", tensor.shape.dimensions, values.map { $0.isFinite ? $0 : 0 })
    }
  }

  mutating func add(_ name: String, shape: [Int], _ values: [UInt8]) { add(name, "uint8", shape, values) }

  /// Samples within ±1, as a WAV file has them.
  mutating func add(_ name: String, channels: [[Float]]) {
    let samples = channels.flatMap { channel in
      channel.map { Int16(max(-32768, min((($0.isFinite ? $0 : 0) * 0x1p15).rounded(), 32767))) }
    }
    add(name, "int16", [channels.count, channels.first?.count ?? 0], samples)
  }

  private mutating func add<Value>(_ name: String, _ type: String, _ shape: [Int], _ values: [Value]) {
    entries.append(Entry(name: name, type: type, shape: shape, offset: payload.count))
    values.withUnsafeBytes { payload += $0 }
    while payload.count % 8 != 0 { payload.append(0) }
  }

  /// - Throws: `EncodingError` for facts that JSON has no numbers for.
  func reply(_ facts: some Encodable) throws -> Reply {
    var header = Array(try RecordCoding.line(Header(facts: facts, arrays: entries)).utf8)
    while (4 + header.count) % 8 != 0 { header.append(32) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 + header.count + payload.count)
    withUnsafeBytes(of: UInt32(header.count).littleEndian) { bytes += $0 }
    bytes += header
    bytes += payload
    return Reply(bytes: bytes, type: "application/vnd.otoscope.pack")
  }
}

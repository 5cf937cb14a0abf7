/// Writes protobuf's wire format (protobuf.dev/programming-guides/encoding), field by field.
///
/// Written apart from swift-protobuf, so that what reads a file is tested against bytes it did not write.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// Base 128, lowest digits first; negative numbers as their 64-bit two's complement.
  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func key(_ field: Int, wireType: UInt64) { varint(UInt64(field) << 3 | wireType) }

  mutating func integer(_ field: Int, _ value: Int) {
    key(field, wireType: 0)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func float(_ field: Int, _ value: Float) {
    key(field, wireType: 5)
    bytes += littleEndian(value.bitPattern)
  }

  mutating func data(_ field: Int, _ value: [UInt8]) {
    key(field, wireType: 2)
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func string(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }

  mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    data(field, inner.bytes)
  }

  /// A repeated number in one piece, as proto3 writes it.
  mutating func packed(_ field: Int, _ values: [Int]) {
    var inner = ProtobufWriter()
    for value in values { inner.varint(UInt64(bitPattern: Int64(value))) }
    data(field, inner.bytes)
  }

  mutating func packed(_ field: Int, _ values: [Float]) {
    data(field, values.flatMap { littleEndian($0.bitPattern) })
  }

  mutating func packed(_ field: Int, _ values: [Double]) {
    data(field, values.flatMap { littleEndian($0.bitPattern) })
  }
}

/// The bytes of `value`, lowest first, as ONNX keeps raw data.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian, Array.init)
}

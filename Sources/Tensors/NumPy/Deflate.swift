import CZlib

/// Raw DEFLATE streams and checksums, by zlib, in one piece.
package enum Deflate {
  /// What zlib answered in place of "done", or `wrongSize`.
  package enum Failure: Error, Equatable {
    case status(Int32)
    /// The stream ends before or goes on after the size it should have, or does not fill its input.
    case wrongSize
  }

  /// No DEFLATE stream unpacks to more than this many times its own bytes: 258 bytes for each 2 bits.
  static let highestRatio = 1032

  /// zlib counts in 32 bits.
  private static let longestStep = 1 << 30
  private static let rawStream = -MAX_WBITS
  private static let streamSize = Int32(MemoryLayout<z_stream>.size)

  /// Unpacks `input`, which must hold exactly `size` bytes. Takes no more memory than that.
  package static func unpack(_ input: ArraySlice<UInt8>, size: Int) throws(Failure) -> [UInt8] {
    var stream = z_stream()
    let opened = inflateInit2_(&stream, rawStream, ZLIB_VERSION, streamSize)
    guard opened == Z_OK else { throw .status(opened) }
    var run = Run()
    // One byte more than allowed, to see whether the stream would go on.
    let output = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
      run = input.withUnsafeBytes { bytes in
        Run(&stream, from: bytes, into: buffer) { (stream, _) in inflate(&stream, Z_NO_FLUSH) }
      }
      count = run.produced
    }
    let closed = inflateEnd(&stream)
    if run.status == Z_BUF_ERROR { throw .wrongSize }
    guard run.status == Z_STREAM_END else { throw .status(run.status) }
    guard closed == Z_OK else { throw .status(closed) }
    guard run.produced == size, run.consumed == input.count else { throw .wrongSize }
    return output
  }

  /// Packs `input` at zlib's usual level, as NumPy does.
  package static func pack(_ input: [UInt8]) throws(Failure) -> [UInt8] {
    var stream = z_stream()
    let opened = deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, rawStream, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, streamSize)
    guard opened == Z_OK else { throw .status(opened) }
    var run = Run()
    let bound = Int(deflateBound(&stream, UInt(input.count)))
    let output = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      run = input.withUnsafeBytes { bytes in
        Run(&stream, from: bytes, into: buffer) { (stream, isLast) in
          deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
        }
      }
      count = run.produced
    }
    let closed = deflateEnd(&stream)
    guard run.status == Z_STREAM_END else { throw .status(run.status) }
    guard closed == Z_OK else { throw .status(closed) }
    return output
  }

  /// A gzip file of one member (RFC 1952), without a name or a time.
  package static func gzip(_ input: [UInt8]) throws(Failure) -> [UInt8] {
    func littleEndian(_ value: UInt32) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let body = try pack(input)
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + body + littleEndian(checksum(input[...]))
      + littleEndian(UInt32(truncatingIfNeeded: input.count))
  }

  /// The CRC-32 of ZIP files.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBytes { buffer in
      let start = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return UInt32(truncatingIfNeeded: crc32_z(0, start, buffer.count))
    }
  }

  /// One way through a stream: how far it came, and what zlib said last.
  private struct Run {
    var status: Int32 = Z_OK
    var consumed = 0
    var produced = 0

    init() {}

    /// Calls `step` with the stream pointed at what is left of both buffers, until it answers anything but `Z_OK`.
    /// It does: without progress zlib answers `Z_BUF_ERROR`.
    init(
      _ stream: inout z_stream, from input: UnsafeRawBufferPointer,
      into output: UnsafeMutableBufferPointer<UInt8>, step: (inout z_stream, _ isLast: Bool) -> Int32
    ) {
      let source = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
      while status == Z_OK {
        let offered = min(input.count - consumed, longestStep)
        let room = min(output.count - produced, longestStep)
        stream.next_in = source.map { UnsafeMutablePointer(mutating: $0 + consumed) }
        stream.avail_in = UInt32(offered)
        stream.next_out = output.baseAddress.map { $0 + produced }
        stream.avail_out = UInt32(room)
        status = step(&stream, consumed + offered == input.count)
        consumed += offered - Int(stream.avail_in)
        produced += room - Int(stream.avail_out)
      }
    }
  }
}

import Files

/// What the header of a WAV file says of the length of its samples, which FFmpeg corrects in silence.
struct WAVHeader {
  /// How long the samples last by the header, in seconds; nil where it leaves that open, as a recorder does that writes
  /// into a pipe (a length of 0 or of all ones).
  let claimed: Double?
  /// Whether more samples follow the ones the header knows of: a recorder did not come to correct it.
  let goesOn: Bool

  /// Nil for what is no WAV file with a readable header.
  init?(_ path: String) {
    guard let file = plainFile(path), let head = file.bytes(at: 0, count: 12) else {
      return nil
    }
    let is64 = head.starts(with: Array("RF64".utf8)) || head.starts(with: Array("BW64".utf8))
    guard is64 || head.starts(with: Array("RIFF".utf8)), head[8...].elementsEqual("WAVE".utf8) else {
      return nil
    }
    var place = 12
    var bytesPerSecond = 0
    var long: Int?
    // Real files have a handful of chunks; a damaged one could lead through all of it byte by byte.
    for _ in 0..<1000 {
      guard let chunk = file.bytes(at: place, count: 8) else { return nil }
      var size = Self.number(chunk[4...])
      let name = String(decoding: chunk[..<4], as: UTF8.self)
      if name == "fmt ", let format = file.bytes(at: place + 8, count: 16) {
        bytesPerSecond = Self.bytesPerSecond(format)
      } else if name == "ds64", let sizes = file.bytes(at: place + 8, count: 16) {
        long = Self.number(sizes[8..<12]) + Self.number(sizes[12..<16]) << 32
      } else if name == "data" {
        if size == 0xFFFF_FFFF, let long, long > 0 { size = long }
        guard size > 0, size < 0xFFFF_FFFF || long != nil, bytesPerSecond > 0 else {
          (claimed, goesOn) = (nil, false)
          return
        }
        claimed = Double(size) / Double(bytesPerSecond)
        goesOn = !is64 && Self.isFollowedBySamples(file, place + 8 + size)
        return
      }
      place += 8 + size + size % 2
    }
    return nil
  }

  /// Of plain samples from their rate, channels and bits, as FFmpeg reads them: the field for it is often wrong.
  private static func bytesPerSecond(_ format: [UInt8]) -> Int {
    func short(_ place: Int) -> Int { Int(format[place]) | Int(format[place + 1]) << 8 }
    let isPlain = [1, 3, 0xFFFE].contains(short(0)) && short(14) > 0 && short(14) % 8 == 0
    return isPlain ? number(format[4..<8]) * short(2) * short(14) / 8 : number(format[8..<12])
  }

  /// Whether at least a second's worth of bytes follows, which does not begin as another chunk does.
  private static func isFollowedBySamples(_ file: borrowing FileInFolder, _ end: Int) -> Bool {
    guard file.byteCount - end > 1 << 16, let next = file.bytes(at: end, count: 8) else { return false }
    let isName = next[..<4].allSatisfy { (0x20...0x7E).contains($0) }
    return !isName || end + 8 + number(next[4...]) > file.byteCount
  }

  /// Little-endian.
  private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}

/// The file at `path`, if it is one that can be read anywhere: to open a pipe for a moment would break it.
func plainFile(_ path: String) -> FileInFolder? {
  guard path != "-", FileKind(of: path)?.kind == .file else { return nil }
  return try? FileInFolder(at: path)
}

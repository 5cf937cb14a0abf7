import Tensors

/// The parts of a feature file, each of which begins at a multiple of 64 bytes; numbers are little-endian words of 8 bytes.
///
/// - Head: magic, version, width, channels, length of the front end's JSON, its fingerprint, 0, fingerprint of these seven words;
///   then the JSON.
/// - Record, again and again: magic, key (2 words), frames, width, flags (1: silent), fingerprint of the values, fingerprint of
///   these seven words; then `frames · width` floats.
///
/// A record's head is written after its values: whoever finds one finds the values whole. What lies between records, where a
/// process was ended as it wrote, is passed over.
enum FeatureLayout {
  static let alignment = 64
  static let wordsOfHead = 8
  static let magicOfFile: UInt64 = 0x3154_4145_464F_544F  // "OTOFEAT1"
  static let magicOfRecord: UInt64 = 0x3154_4349_504F_544F  // "OTOPICT1"
  /// Of the layout, and of all code between a sound and its picture: a higher one makes every picture anew.
  static let version: UInt64 = 1

  static func aligned(_ place: Int) -> Int { (place + alignment - 1) / alignment * alignment }

  /// A head of seven words as bytes, its fingerprint behind them.
  static func bytes(_ words: [UInt64]) -> [UInt8] {
    precondition(words.count == wordsOfHead - 1, "a head of \(words.count) words")
    return (words + [fingerprint(words)]).flatMap { word in
      withUnsafeBytes(of: word.littleEndian) { Array($0) }
    }
  }

  /// The seven words of a head; nil where it is none, or damaged.
  static func words(_ bytes: some Collection<UInt8>, magic: UInt64) -> [UInt64]? {
    guard bytes.count == 8 * wordsOfHead else { return nil }
    var words: [UInt64] = []
    for (place, byte) in bytes.enumerated() {
      if place % 8 == 0 { words.append(0) }
      words[place / 8] |= UInt64(byte) << UInt64(8 * (place % 8))
    }
    let known = words.removeLast()
    return words[0] == magic && fingerprint(words) == known ? words : nil
  }

  static func fingerprint(_ words: [UInt64]) -> UInt64 {
    var hash = FNV1a()
    for word in words { hash.add(word) }
    return hash.fingerprint
  }

  /// Of values: four hashes in turns, as one has to wait for its own last step.
  static func fingerprint(_ values: UnsafeBufferPointer<Float>) -> UInt64 {
    var (a, b, c, d) = (FNV1a(), FNV1a(), FNV1a(), FNV1a())
    let fours = values.count / 4 * 4
    var place = 0
    while place < fours {
      a.add(UInt64(values[place].bitPattern))
      b.add(UInt64(values[place + 1].bitPattern))
      c.add(UInt64(values[place + 2].bitPattern))
      d.add(UInt64(values[place + 3].bitPattern))
      place += 4
    }
    while place < values.count {
      a.add(UInt64(values[place].bitPattern))
      place += 1
    }
    return fingerprint([a.fingerprint, b.fingerprint, c.fingerprint, d.fingerprint, UInt64(values.count)])
  }
}

/// Where a picture lies in a feature file.
struct FeatureRecord: Sendable, Hashable {
  var key: FeatureKey
  /// Of its first value, in bytes.
  var place: Int
  var frames: Int
  var width: Int
  var isSilent: Bool
  /// Of its values.
  var fingerprint: UInt64

  var count: Int { frames * width }
  var end: Int { place + count * MemoryLayout<Float>.stride }

  init(
    key: FeatureKey, place: Int, frames: Int, width: Int, isSilent: Bool, fingerprint: UInt64
  ) {
    (self.key, self.place, self.frames, self.width) = (key, place, frames, width)
    (self.isSilent, self.fingerprint) = (isSilent, fingerprint)
  }

  /// The record whose head, of these bytes, lies at `start`, in a file of `size` bytes; nil where there is none.
  init?(_ bytes: some Collection<UInt8>, at start: Int, width: Int, size: Int) {
    guard let words = FeatureLayout.words(bytes, magic: FeatureLayout.magicOfRecord),
      words[4] == UInt64(width), words[3] > 0, let frames = Int(exactly: words[3]),
      frames <= (size - start) / max(1, width)
    else { return nil }
    self.init(
      key: FeatureKey(low: words[1], high: words[2]), place: start + FeatureLayout.alignment, frames: frames,
      width: width, isSilent: words[5] & 1 == 1, fingerprint: words[6])
    guard end <= size else { return nil }
  }

  var head: [UInt8] {
    FeatureLayout.bytes([
      FeatureLayout.magicOfRecord, key.low, key.high, UInt64(frames), UInt64(width), isSilent ? 1 : 0,
      fingerprint,
    ])
  }
}

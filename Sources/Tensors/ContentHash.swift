package import Files

/// What a file holds, as a fingerprint: two files with the same one are taken for copies.
///
/// 64-bit FNV-1a over words of 8 bytes and the length, as 16 hexadecimal digits. A step maps different states to different
/// states, so that two files of one length which differ in one word never agree; others agree by chance once in 2⁶⁴ pairs.
/// It does not protect against somebody who wants two files to agree.
package struct ContentHash: Sendable, Hashable, CustomStringConvertible {
  package let digits: String

  package init(digits: String) { self.digits = digits }

  /// Of the file at `path`, read in pieces.
  ///
  /// - Throws: `FileError` for what is no regular file, or cannot be read.
  package init(ofFileAt path: String) throws(FileError) {
    guard !Folder.exists(path) else { throw .isFolder(path: path) }
    guard WholeFile.exists(path) else { throw .notFound(path: path) }
    let file = try FileInFolder(at: path)
    var hash = FNV1a()
    let piece = 1 << 20
    let words = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 8)
    defer { words.deallocate() }
    var place = 0
    while place < file.byteCount {
      let count = min(piece, file.byteCount - place)
      words.initializeMemory(as: UInt8.self, repeating: 0)
      try file.read(into: UnsafeMutableRawBufferPointer(rebasing: words[..<count]), at: place)
      for word in words.bindMemory(to: UInt64.self).prefix((count + 7) / 8) {
        hash.add(UInt64(littleEndian: word))
      }
      place += count
    }
    hash.add(UInt64(file.byteCount))
    digits = hash.fingerprint.hexadecimal
  }

  package var description: String { digits }
}

extension UInt64 {
  /// 16 digits.
  package var hexadecimal: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

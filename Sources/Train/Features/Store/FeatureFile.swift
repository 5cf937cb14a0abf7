import Audio
import Files
import Glibc
import Tensors

import class FoundationEssentials.JSONEncoder

/// The file in which the pictures of one front end are kept, and what is in it. ``FeatureLayout`` says how.
///
/// It only grows. Whoever has a picture mapped keeps it, whatever others add.
struct FeatureFile: Sendable {
  let folder: String
  let path: String
  let width: Int
  private let head: [UInt8]
  private(set) var records: [FeatureKey: FeatureRecord] = [:]
  /// Where the next record begins.
  private(set) var end = 0
  /// Whether there is no file, or none that can be gone on with.
  private(set) var isMissing = true

  /// The file of that front end in `folder`; looks into nothing yet.
  init(in folder: String, _ frontEnd: FrontEnd, channels: Int) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = [UInt8](try encoder.encode(frontEnd))
    width = channels * frontEnd.pictureCount * frontEnd.bandCount
    let content = FeatureLayout.fingerprint(json.map { UInt64($0) })
    let words = [
      FeatureLayout.magicOfFile, FeatureLayout.version, UInt64(width), UInt64(channels), UInt64(json.count),
      content, 0,
    ]
    var head = FeatureLayout.bytes(words) + json
    head += [UInt8](repeating: 0, count: FeatureLayout.aligned(head.count) - head.count)
    self.head = head
    self.folder = folder
    let name = SplitMix64.mixed(FeatureLayout.fingerprint(words)).hexadecimal
    path = Folder.path(to: "\(name).features", in: folder)
  }

  /// Finds out what the file holds by now.
  ///
  /// - Throws: `FeatureError.foreign` for a file of this name that is another's.
  mutating func read() throws(FeatureError) {
    (records, end, isMissing) = ([:], head.count, true)
    guard WholeFile.exists(path) else { return }
    do throws(FileError) {
      let file = try FileInFolder(at: path)
      guard file.byteCount >= head.count, let found = file.bytes(at: 0, count: head.count) else {
        // A head that was cut short, of this kind as far as it goes.
        let start = file.bytes(at: 0, count: min(file.byteCount, 8)) ?? []
        guard head.starts(with: start) else { throw FileError.unreadable(path: path, reason: Self.unknown) }
        return
      }
      guard found.prefix(8) == head.prefix(8) else {
        throw FileError.unreadable(path: path, reason: Self.unknown)
      }
      guard found == head else {
        // Another front end's, whole; or damaged, and begun anew.
        guard !Self.isWhole(file) else {
          throw FileError.unreadable(path: path, reason: "it holds the pictures of another front end")
        }
        return
      }
      isMissing = false
      end = FeatureLayout.aligned(file.byteCount)
      try walk(file)
    } catch {
      if case .unreadable(_, let reason) = error { throw .foreign(path: path, reason: reason) }
      throw .foreign(path: path, reason: "it is no file that can be read")
    }
  }

  /// Whether a file has an undamaged head, of whichever front end.
  private static func isWhole(_ file: borrowing FileInFolder) -> Bool {
    guard let bytes = file.bytes(at: 0, count: FeatureLayout.alignment),
      let words = FeatureLayout.words(bytes, magic: FeatureLayout.magicOfFile),
      let count = Int(exactly: words[4]), let json = file.bytes(at: FeatureLayout.alignment, count: count)
    else { return false }
    return FeatureLayout.fingerprint(json.map { UInt64($0) }) == words[5]
  }

  private static let unknown = "it is no cache of features"

  private mutating func walk(_ file: borrowing FileInFolder) throws(FileError) {
    let step = FeatureLayout.alignment
    var place = head.count
    while place + step <= file.byteCount {
      if let bytes = file.bytes(at: place, count: step),
        let record = FeatureRecord(bytes, at: place, width: width, size: file.byteCount)
      {
        records[record.key] = record
        place = FeatureLayout.aligned(record.end)
      } else {
        place = nextHead(file, from: place + step)
      }
    }
  }

  /// The next place at which a record's head may lie; the file's end where there is none.
  private func nextHead(_ file: borrowing FileInFolder, from start: Int) -> Int {
    let (step, piece) = (FeatureLayout.alignment, 1 << 20)
    let magic = withUnsafeBytes(of: FeatureLayout.magicOfRecord.littleEndian) { Array($0) }
    var place = start
    while place + step <= file.byteCount {
      let count = min(piece, (file.byteCount - place) / step * step)
      guard let bytes = file.bytes(at: place, count: count) else { break }
      for offset in stride(from: 0, to: count, by: step) where bytes[offset] == magic[0] {
        if bytes[offset..<offset + 8].elementsEqual(magic) { return place + offset }
      }
      place += count
    }
    return file.byteCount
  }

  /// Makes the file, without records, in place of one that cannot be gone on with.
  func make() throws(FeatureError) {
    do throws(FileError) { try WholeFile.write(head, to: path) } catch {
      throw Self.failure(folder, errno)
    }
  }

  /// What a failed step of writing is called.
  static func failure(_ folder: String, _ number: Int32) -> FeatureError {
    number == ENOSPC || number == EDQUOT
      ? .diskFull(folder: folder) : .unwritable(folder: folder, reason: String(cString: strerror(number)))
  }
}

import Files
import TestSupport
import Testing

import Tensors

@Suite("Files that are damaged, foreign or hostile")
struct NumPyHostileTests {
  private func error(reading bytes: [UInt8]) -> NumPyError? {
    #expect(throws: NumPyError.self) { try Tensor(npy: bytes, from: "x.npy") }
  }

  private func error(unpacking bytes: [UInt8], limit: Int = 1 << 20) -> NumPyError? {
    #expect(throws: NumPyError.self) { try NumPyArchive(npz: bytes, from: "x.npz", limit: limit) }
  }

  @Test("A file that is none, or another")
  func foreignFiles() throws {
    #expect(error(reading: []) == .notNumPy(path: "x.npy", expected: .array))
    #expect(error(reading: Array("RIFF".utf8)) == .notNumPy(path: "x.npy", expected: .array))
    #expect(error(reading: try Golden.bytes("stored.npz")) == .notNumPy(path: "x.npy", expected: .array))
    #expect(error(unpacking: []) == .notNumPy(path: "x.npz", expected: .archive))
    #expect(error(unpacking: try Golden.bytes("vector.npy")) == .notNumPy(path: "x.npz", expected: .archive))
    #expect(throws: NumPyError.file(.notFound(path: "/nowhere/x.npy"))) { try NumPy.read("/nowhere/x.npy") }
    #expect(throws: NumPyError.file(.isFolder(path: "/tmp"))) { try NumPy.readArchive("/tmp") }
  }

  @Test("A version to come")
  func version() {
    let bytes = Golden.magic + [4, 0, 0, 0]
    #expect(error(reading: bytes) == .unsupportedVersion(path: "x.npy", major: 4, minor: 0))
  }

  @Test(
    "Elements that are no real numbers, and what to do",
    arguments: [
      (
        "records.npy",
        "holds records of \"time\", \"label\", \"box\", which are not read; "
          + "save one field of them: array[\"time\"].astype('float32')"
      ),
      (
        "objects.npy",
        "holds Python objects (pickled), which are not read; "
          + "convert them: numpy.save(path, array.astype('float32'))"
      ),
      ("text.npy", "holds text, which are not read; save numbers: array.astype('float32')"),
      (
        "complex.npy",
        "holds complex numbers, which are not read; save numpy.abs(array), or array.real and array.imag"
      ),
      ("dates.npy", "holds dates or durations, which are not read; convert them: array.astype('int64')"),
      (
        "extended.npy",
        "holds floating-point numbers in a format that differs between machines, which are not read; "
          + "convert them: array.astype('float64')"
      ),
    ])
  func foreignElements(name: String, message: String) throws {
    let error = error(reading: try Golden.bytes(name))
    #expect(error?.description == "x.npy: \(message)")
  }

  @Test("Every truncation of a file is refused", arguments: Golden.readableArrays)
  func truncated(name: String) throws {
    let bytes = try Golden.bytes(name)
    for count in 0..<bytes.count { _ = error(reading: Array(bytes[..<count])) }
    _ = error(reading: bytes + [0])
  }

  @Test("Every truncation of an archive is refused", arguments: Golden.readableArchives)
  func truncatedArchive(name: String) throws {
    let bytes = try Golden.bytes(name)
    for count in 0..<bytes.count { _ = error(unpacking: Array(bytes[..<count])) }
  }

  @Test("A header longer than the file, or than any")
  func longHeader() {
    for length: [UInt8] in [[0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0x80], [0, 0, 1, 0]] {
      guard case .malformedHeader = error(reading: Golden.magic + [2, 0] + length + [0x7B]) else {
        Issue.record("\(length)")
        continue
      }
    }
    let long = Golden.magic + [2, 0, 0, 0, 0x20, 0] + [UInt8](repeating: 0x20, count: 0x20_0000)
    #expect(error(reading: long)?.description.contains("exceeds 1048576") == true)
  }

  @Test(
    "Shapes that no bytes fill",
    arguments: [
      "(3,)", "(1,)", "()", "(0,)", "(9223372036854775807,)", "(4611686018427387904, 2)",
      "(0, 4611686018427387904, 4)",
      "(4294967296, 4294967296, 4294967296, 0)", "(2, 9223372036854775807)",
    ])
  func impossibleShapes(shape: String) {
    let bytes = Golden.npy(
      "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape)}", [UInt8](repeating: 0, count: 8))
    guard case .wrongSize(_, _, let announced, 8) = error(reading: bytes) else {
      Issue.record("\(shape)")
      return
    }
    #expect((announced == nil) == (shape.count > 6))
  }

  @Test(
    "Headers that are not the dictionary they should be",
    arguments: [
      "", "{", "}", "{}", "()", "{'descr': '<f4'}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1.5,)}",
      "{'descr': '<f4', 'fortran_order': 0, 'shape': ()}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (True,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': ()} and more",
      "{'descr': '<f4', 'fortran_order': False, 'shape': () 'x': 1}", "{'descr': '<f4, 'fortran_order'",
      "{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': ()}",
      "{'descr': 4, 'fortran_order': False, 'shape': ()}", "{'descr': __import__('os'), 'shape': ()}",
      "{1: 2}",
      String(repeating: "(", count: 60_000), String(repeating: "{'a':", count: 10_000), "{'a': (1 2)}",
      "\u{0}", "{'",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (\(String(repeating: "1, ", count: 65)))}", "-",
      "{'a': -}",
    ])
  func malformedHeaders(header: String) {
    guard case .malformedHeader = error(reading: Golden.npy(header, [0, 0, 0, 0])) else {
      Issue.record("\(header)")
      return
    }
  }

  @Test("An archive packed in another way, or of other things")
  func unsupportedArchives() throws {
    #expect(
      error(unpacking: try Golden.bytes("bzip2.npz"))
        == .unsupportedArchive(path: "x.npz[\"x.npy\"]", reason: "is packed by method 12, not DEFLATE"))
    var zip = ZipWriter()
    try zip.add("README", [], compressed: false)
    #expect(
      error(unpacking: zip.finish())
        == .unsupportedArchive(path: "x.npz", reason: "holds no .npy among its 1 files"))
    var bytes = try archive([("x", Tensor([1]))])
    bytes[try directory(of: bytes) + 8] |= 1
    #expect(error(unpacking: bytes) == .unsupportedArchive(path: "x.npz[\"x.npy\"]", reason: "is encrypted"))
  }

  @Test("Two arrays of one name")
  func duplicates() throws {
    var zip = ZipWriter()
    for _ in 0..<2 { try zip.add("x.npy", Tensor([1]).npy, compressed: true) }
    #expect(error(unpacking: zip.finish()) == .duplicateName(path: "x.npz", name: "x"))
  }

  @Test("A foreign array in an archive is named with the archive")
  func arrayInArchive() throws {
    var zip = ZipWriter()
    try zip.add("a/b\n.npy", try Golden.bytes("complex.npy"), compressed: false)
    #expect(
      error(unpacking: zip.finish())?.description
        == #"x.npz["a/b\n"]: holds complex numbers, which are not read; save numpy.abs(array), "#
        + "or array.real and array.imag")
  }

  @Test("A bomb is refused by what it announces, and by what it holds")
  func bombs() throws {
    var zip = ZipWriter()
    try zip.add("x.npy", [UInt8](repeating: 0, count: 2 << 20), compressed: true)
    let bytes = zip.finish()
    #expect(error(unpacking: bytes) == .tooLarge(path: "x.npz", bytes: 2 << 20, limit: 1 << 20))

    // The size in the directory made smaller: the stream goes on beyond it.
    let place = try directory(of: bytes) + 24
    var liar = bytes
    liar.replaceSubrange(place..<place + 4, with: [0, 4, 0, 0])
    #expect(
      error(unpacking: liar)
        == .damagedArchive(path: "x.npz[\"x.npy\"]", reason: "it does not unpack to the 1024 bytes it should")
    )

    // And larger: no stream of so few bytes fills it, so no memory is taken for it.
    liar.replaceSubrange(place..<place + 4, with: [0, 0, 0, 0x7F])
    let error = error(unpacking: liar, limit: .max)
    #expect(error?.description.contains("cannot unpack to 2130706432; fetch") == true)
  }

  @Test("Entries that lie within another or outside of the file")
  func misplacedEntries() throws {
    let bytes = try archive([("x", Tensor([1])), ("y", Tensor([1]))])
    let first = try directory(of: bytes)
    let second = first + 46 + 5
    var overlapping = bytes
    overlapping.replaceSubrange(second + 42..<second + 46, with: [0, 0, 0, 0])
    #expect(
      error(unpacking: overlapping)
        == .damagedArchive(path: "x.npz", reason: "\"y.npy\" overlaps another entry"))
    for place in [20, 42] {
      var outside = bytes
      outside.replaceSubrange(second + place..<second + place + 4, with: [0xFE, 0xFF, 0xFF, 0xFF])
      #expect(
        error(unpacking: outside)
          == .damagedArchive(path: "x.npz", reason: "\"y.npy\" lies outside of the file"))
    }
    var renamed = bytes
    renamed[first + 46] = UInt8(ascii: "z")
    #expect(
      error(unpacking: renamed) == .damagedArchive(path: "x.npz[\"z.npy\"]", reason: "it has two names"))
  }

  @Test("A flipped bit in the data is noticed, or changes nothing", arguments: [false, true])
  func checksum(compressed: Bool) throws {
    let tensor = Tensor([9], repeating: 3)
    let bytes = try NumPyArchive([("x", tensor)], from: "x").npz(compressed: compressed)
    let start = 30 + 5
    for place in start..<(try directory(of: bytes)) {
      var flipped = bytes
      flipped[place] ^= 0x10
      do throws(NumPyError) {
        let archive = try NumPyArchive(npz: flipped, from: "x")
        // The last byte of a DEFLATE stream has bits that nobody reads.
        #expect(compressed && archive["x"] == tensor, "byte \(place)")
      } catch {
        guard case .damagedArchive = error else {
          Issue.record("byte \(place): \(error)")
          continue
        }
      }
    }
  }

  @Test(
    "Every message is one line",
    arguments: [
      NumPyError.file(.notFound(path: "x")), .notNumPy(path: "x", expected: .array),
      .notNumPy(path: "x", expected: .archive), .unsupportedVersion(path: "x", major: 9, minor: 1),
      .malformedHeader(path: "x", reason: "r"), .unsupportedElements(path: "x", what: "w", remedy: "r"),
      .wrongSize(path: "x", shape: [1, 2], announced: 8, found: 4),
      .wrongSize(path: "x", shape: [1, 2], announced: nil, found: 4),
      .tooLarge(path: "x", bytes: 2, limit: 1),
      .damagedArchive(path: "x", reason: "r"), .unsupportedArchive(path: "x", reason: "r"),
      .duplicateName(path: "x", name: "a\nb"), .unusableName(path: "x", name: "a\0\nb"),
      .incompressible(path: "x", status: -4),
    ])
  func messages(error: NumPyError) {
    #expect(error.description.hasPrefix("x: "))
    #expect(!error.description.contains { $0.isNewline || $0 == "\0" })
  }

  private func archive(_ arrays: [(name: String, tensor: Tensor)]) throws -> [UInt8] {
    try NumPyArchive(arrays, from: "x").npz()
  }

  /// Where the central directory of an archive begins.
  private func directory(of bytes: [UInt8]) throws -> Int {
    try #require(bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
  }
}

import Files
import TestSupport
import Testing

import Tensors

@Suite(".npz")
struct NumPyArchiveTests {
  private let arrays: [(name: String, tensor: Tensor)] = [
    ("x", Tensor([2, 3, 4], (0..<24).map(Float.init))),
    ("block_3/Relu:0", Tensor([4], [0, 1, 2, 3])),
    ("größe.npy", Tensor([], [7])),
  ]

  @Test(
    "NumPy's archives are read, packed or not, with sizes before or after the data",
    arguments: ["stored.npz", "compressed.npz", "streamed.npz"])
  func reads(name: String) throws {
    let archive = try NumPy.readArchive(Golden.path(name))
    #expect(archive.names == arrays.map(\.name))
    #expect(archive.map(\.tensor) == arrays.map(\.tensor))
    #expect(archive["block_3/Relu:0"] == Tensor([4], [0, 1, 2, 3]))
    #expect(archive["block_3/Relu:0.npy"] == nil)
    #expect(archive.dictionary.count == 3)
  }

  @Test("What is no array is left out, and a path is only a key")
  func mixed() throws {
    let archive = try NumPy.readArchive(Golden.path("mixed.npz"))
    #expect(archive.names == ["../x"])
  }

  @Test("What is written is read again, in its order", arguments: [false, true])
  func roundTrip(compressed: Bool) throws {
    try withScratchFolder { folder in
      let path = "\(folder)/x.npz"
      let all =
        arrays + [("view", arrays[0].tensor.rows(1..<2)), ("", Tensor([0])), ("a\\b\"c'", Tensor([1]))]
      try NumPy.writeArchive(all, to: path, compressed: compressed)
      let archive = try NumPy.readArchive(path)
      #expect(archive.names == all.map(\.name))
      #expect(archive.map(\.tensor) == all.map(\.tensor))
      #expect(names(in: folder) == ["x.npz"])
    }
  }

  @Test("Packing packs, and equal arrays give equal bytes")
  func packs() throws {
    let archive = try NumPyArchive([("zeros", Tensor([100_000]))], from: "x")
    let packed = try archive.npz(compressed: true)
    #expect(packed.count < 2_000)
    #expect(try archive.npz(compressed: true) == packed)
    #expect(try NumPyArchive(npz: packed, from: "x")["zeros"] == Tensor([100_000]))
  }

  @Test("An archive of nothing is an archive")
  func empty() throws {
    let bytes = try NumPyArchive([], from: "x").npz()
    #expect(try NumPyArchive(npz: bytes, from: "x").isEmpty)
  }

  @Test("Sizes and offsets of 64 bits", arguments: [false, true], [1, 200, 1_000] as [UInt64])
  func wide(compressed: Bool, wideFrom: UInt64) throws {
    // The limit that zip64 begins at is lowered: the real one takes 4 GiB.
    var zip = ZipWriter(wideFrom: wideFrom)
    for (name, tensor) in arrays { try zip.add("\(name).npy", tensor.npy, compressed: compressed) }
    let archive = try NumPyArchive(npz: zip.finish(), from: "x")
    #expect(archive.names == arrays.map(\.name))
    #expect(archive.map(\.tensor) == arrays.map(\.tensor))
  }

  @Test("More entries than 16 bits count")
  func manyEntries() throws {
    let many = (0..<70_000).map { (name: "\($0)", tensor: Tensor([], [Float($0)])) }
    let archive = try NumPyArchive(npz: NumPyArchive(many, from: "x").npz(), from: "x")
    #expect(archive.count == 70_000)
    #expect(archive["69999"] == Tensor([], [69_999]))
  }

  @Test("Names that no archive can hold are refused")
  func unusableNames() {
    let one = Tensor([1])
    #expect(throws: NumPyError.duplicateName(path: "x.npz", name: "a")) {
      try NumPy.writeArchive([("a", one), ("b", one), ("a", one)], to: "x.npz")
    }
    #expect(throws: NumPyError.unusableName(path: "x.npz", name: "a\0b")) {
      try NumPy.writeArchive([("a\0b", one)], to: "x.npz")
    }
    let long = String(repeating: "a", count: 65_532)
    #expect(throws: NumPyError.unusableName(path: "x.npz", name: long)) {
      try NumPy.writeArchive([(long, one)], to: "x.npz")
    }
    #expect(throws: Never.self) { try NumPyArchive([(String(long.dropLast()), one)], from: "x").npz() }
    #expect(!WholeFile.exists("x.npz"))
  }

  @Test("A stream longer than a step of zlib's or than its buffers")
  func longStream() throws {
    var generator = SplitMix64(seed: 1)
    let bytes = (0..<3_000_000).map { _ in UInt8.random(in: 0...63, using: &generator) }
    let packed = try Deflate.pack(bytes)
    #expect(packed.count < bytes.count * 4 / 5)
    #expect(try Deflate.unpack(packed[...], size: bytes.count) == bytes)
    #expect(throws: Deflate.Failure.wrongSize) { try Deflate.unpack(packed[...], size: bytes.count - 1) }
    #expect(throws: Deflate.Failure.wrongSize) { try Deflate.unpack(packed[...], size: bytes.count + 1) }
    #expect(throws: Deflate.Failure.wrongSize) { try Deflate.unpack(packed.dropLast(), size: bytes.count) }
    #expect(throws: Deflate.Failure.wrongSize) { try Deflate.unpack((packed + [0])[...], size: bytes.count) }
    #expect(throws: Deflate.Failure.wrongSize) { try Deflate.unpack([], size: 0) }
  }
}

import Files
import Glibc
import TestSupport
import Testing
import Train

struct EventFileTests {
  // RFC 3720, B.4.
  @Test("the checksum is CRC-32C")
  func checksum() {
    #expect(CRC32C.of(Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.of([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
  }

  @Test("records come back, with their steps; a run that goes on leaves out what is behind it")
  func resuming() throws {
    try withScratchFolder { folder in
      var file: EventFile? = try EventFile(in: folder)
      let path = try #require(file).path
      for step in [0, 1, 127, 128, 300_000] {
        try file?.add(["loss/training": 1 / Double(step + 1), "rate": 0.01], step: step)
      }
      let bytes = try WholeFile.read(path)
      #expect(EventRecord.records(in: bytes).map(\.step) == [nil, 0, 1, 127, 128, 300_000])
      #expect(EventRecord.records(in: bytes).reduce(0) { $0 + $1.bytes.count } == bytes.count)
      file = nil
      // As a sudden end leaves it.
      try WholeFile.write(bytes.dropLast(3), to: path)
      file = try EventFile(in: folder, after: 127)
      try file?.add(["loss/training": 0.5], step: 128)
      #expect(EventRecord.records(in: try WholeFile.read(path)).map(\.step) == [nil, 0, 1, 127, 128])
      file = try EventFile(in: folder)
      #expect(EventRecord.records(in: try WholeFile.read(path)).map(\.step) == [nil])
    }
  }

  @Test("a damaged record ends what is read", arguments: [0, 9, 14, 30])
  func damaged(place: Int) throws {
    try withScratchFolder { folder in
      let file = try EventFile(in: folder)
      try file.add(["a": 1], step: 1)
      var bytes = try WholeFile.read(file.path)
      let count = EventRecord.records(in: bytes)[0].bytes.count
      bytes[count + place] ^= 1
      #expect(EventRecord.records(in: bytes).count == 1)
      #expect(EventRecord.records(in: []).isEmpty)
    }
  }
}

struct EpochTableTests {
  @Test("rows are added, and those behind a checkpoint left out")
  func rows() throws {
    try withScratchFolder { folder in
      let path = "\(folder)/epochs.csv"
      var table = try EpochTable(path, columns: ["loss", "accuracy"])
      for epoch in 1...3 { try table.add(epoch: epoch, [1 / Double(epoch), epoch == 2 ? nil : 0.5]) }
      #expect(try text(path) == "epoch,loss,accuracy\n1,1,0.5\n2,0.5,\n3,0.333333333,0.5\n")
      table = try EpochTable(path, columns: ["loss", "accuracy"], after: 2)
      try table.add(epoch: 3, [0.25, 0.75])
      #expect(try text(path) == "epoch,loss,accuracy\n1,1,0.5\n2,0.5,\n3,0.25,0.75\n")
      #expect(throws: FileError.self) { try EpochTable(path, columns: ["loss"], after: 2) }
    }
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try WholeFile.read(path), as: UTF8.self)
  }
}

import Glibc
import TestSupport
import Testing

import Files

struct FolderWalkTests {
  private func walk(_ folder: String) throws -> (
    files: [String], passed: [String: FolderWalk.PassedOver.Reason]
  ) {
    let walk = try FolderWalk(folder) { $0.hasSuffix(".wav") }
    func short(_ path: String) -> String { String(path.dropFirst(folder.count + 1)) }
    return (
      walk.files.map(short),
      Dictionary(walk.passedOver.map { (short($0.path), $0.reason) }) { first, _ in first }
    )
  }

  @Test("Each file once, whatever links there are, in the order of the names")
  func links() throws {
    try withScratchFolder { folder in
      for name in ["b/2.wav", "b/1.wav", "a/3.wav", "4.wav", "b/c/5.wav"] {
        try WholeFile.makeFolder("\(folder)/\(name.split(separator: "/").dropLast().joined(separator: "/"))")
        try WholeFile.write([1], to: "\(folder)/\(name)")
      }
      try withScratchFolder { other in
        try WholeFile.write([1], to: "\(other)/6.wav")
        let links = [
          (".", "loop"), ("..", "b/up"), ("../b", "a/again"), (other, "a/outside"), (other, "outside-too"),
          ("nowhere", "broken"), ("4.wav", "0.wav"), ("b/1.wav", "same.wav"),
        ]
        for (target, name) in links { try #require(symlink(target, "\(folder)/\(name)") == 0) }
        let (files, passed) = try walk(folder)
        #expect(files.dropLast() == ["4.wav", "a/3.wav", "b/1.wav", "b/2.wav", "b/c/5.wav"])
        #expect(files.last == "outside-too/6.wav" || files.last == "a/outside/6.wav")
        #expect(passed["loop"] == .repeated && passed["b/up"] == .repeated && passed["a/again"] == .repeated)
        #expect(passed["0.wav"] == .repeated && passed["broken"] == .brokenLink)
        #expect(passed["outside-too"] == .repeated || passed["a/outside"] == .repeated)
        #expect(try walk(folder).files == files)
      }
    }
  }

  @Test("Pipes, sockets and other files are passed over and named, hidden ones are not looked at")
  func others() throws {
    try withScratchFolder { folder in
      try WholeFile.write([1], to: "\(folder)/a.wav")
      try WholeFile.write([1], to: "\(folder)/.hidden.wav")
      try WholeFile.write([1], to: "\(folder)/notes.txt")
      try #require(mkfifo("\(folder)/x.wav", 0o600) == 0)
      try #require(symlink("/dev/null", "\(folder)/null.wav") == 0)
      let (files, passed) = try walk(folder)
      #expect(files == ["a.wav"])
      #expect(passed == ["notes.txt": .unwanted, "x.wav": .kind(.pipe), "null.wav": .kind(.device)])
      #expect(throws: FileError.self) { try FolderWalk("\(folder)/none") { _ in true } }
      #expect(try FolderWalk(folder) { _ in false }.files.isEmpty)
    }
  }
}

@Suite("Paths that are not UTF-8")
struct PathTextTests {
  @Test(
    "Every path comes back byte by byte",
    arguments: [
      [], [0x61], [0xE9], [0x61, 0xFF, 0x62], [0xC3, 0xA9], [0xC3], [0xE7, 0x8A, 0xAC], [0xE7, 0x8A],
      [0xEE, 0xBE, 0x80], [0xEE, 0xBF, 0xBF, 0xE9], [0xF0, 0x9F, 0x90, 0xB6], [0xF0, 0x9F, 0x90],
      [0x80, 0xC0, 0xAF],
      [0xED, 0xA0, 0x80], [0xEE, 0xBE], Array(0x80...0xFF),
    ] as [[UInt8]])
  func roundTrip(bytes: [UInt8]) {
    #expect(PathText.bytes(PathText.text(bytes)) == bytes)
    // Two texts are alike only where the paths are: Unicode's equivalences do not apply to escapes.
    #expect(bytes.isEmpty == PathText.text(bytes).isEmpty)
  }

  @Test("UTF-8 is the text it is; other bytes are shown escaped")
  func shown() {
    #expect(PathText.text(Array("Möwe 犬.wav".utf8)) == "Möwe 犬.wav")
    #expect(PathText.shown(PathText.text([0x61, 0xE9, 0x2E])) == "a\\xE9.")
    #expect(PathText.shown("Möwe") == "Möwe")
    #expect("\(FileError.notFound(path: PathText.text([0xE9])))".hasPrefix("\\xE9: "))
  }

  @Test("Such files are found, read and written")
  func files() throws {
    try withScratchFolder { folder in
      let path = folder + "/" + PathText.text([0x6D, 0xF6, 0x77, 0x65])
      try WholeFile.write([1, 2], to: path)
      #expect(try WholeFile.read(path) == [1, 2])
      #expect(try Folder.visiblePaths(in: folder) == [path])
      #expect(WholeFile.exists(path) && !Folder.exists(path))
      let inside = path + "-folder/" + PathText.text([0xFF])
      try WholeFile.makeFolder(path + "-folder")
      try WholeFile.write([3], to: inside)
      #expect(try FolderWalk(folder) { _ in true }.files == [path, inside])
      #expect(path.withPath { unlink($0) } == 0)
    }
  }
}

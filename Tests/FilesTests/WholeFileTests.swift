import Glibc
import TestSupport
import Testing

import Files

@Suite("Names of files as long as they may be")
struct LongNameTests {
  @Test("A name of 255 bytes is written, a longer one refused", arguments: ["x", "é", "犬"])
  func longest(letter: String) throws {
    try withScratchFolder { folder in
      let name = String(repeating: letter, count: 255 / letter.utf8.count)
      try WholeFile.write([1, 2], to: "\(folder)/\(name)")
      #expect(names(in: folder) == [name])
      let path = "\(folder)/\(name)\(letter)"
      #expect(throws: FileError.unwritable(path: path, reason: "File name too long")) {
        try WholeFile.write([1, 2], to: path)
      }
      #expect(names(in: folder) == [name])
    }
  }
}

@Suite("Files read whole")
struct WholeFileReadingTests {
  @Test("A file comes back as it was written", arguments: [0, 1, 65_536, 3_000_001])
  func roundTrip(size: Int) throws {
    try withScratchFolder { folder in
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try WholeFile.write(bytes, to: "\(folder)/file")
      #expect(try WholeFile.read("\(folder)/file") == bytes)
      #expect(names(in: folder) == ["file"])
    }
  }

  @Test("What is missing, a folder, or below a file is said to be so")
  func unreadable() throws {
    try withScratchFolder { folder in
      let missing = "\(folder)/missing"
      #expect(throws: FileError.notFound(path: missing)) { try WholeFile.read(missing) }
      #expect(throws: FileError.isFolder(path: folder)) { try WholeFile.read(folder) }
      try WholeFile.write([1], to: "\(folder)/file")
      let below = "\(folder)/file/below"
      #expect(throws: FileError.unreadable(path: below, reason: "Not a directory")) {
        try WholeFile.read(below)
      }
    }
  }

  @Test("A file of the limit is read, a longer one refused by its size")
  func limit() throws {
    try withScratchFolder { folder in
      let path = "\(folder)/file"
      try WholeFile.write([UInt8](repeating: 7, count: 100), to: path)
      #expect(try WholeFile.read(path, limit: 100).count == 100)
      #expect(throws: FileError.tooLarge(path: path, bytes: 100, limit: 99)) {
        try WholeFile.read(path, limit: 99)
      }
    }
  }

  @Test("A pipe is read until it ends")
  func pipe() throws {
    try withPipe(of: 200_000) { path throws in
      let bytes = try WholeFile.read(path)
      #expect(bytes.count == 200_000)
    }
  }

  @Test("A pipe is read to its limit and not beyond")
  func pipeLimit() throws {
    try withPipe(of: 200_000) { path in
      let error = #expect(throws: FileError.self) { try WholeFile.read(path, limit: 100_000) }
      guard case .tooLarge(path, let bytes, limit: 100_000) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      // One piece, at most a MiB, may have come on top.
      #expect(bytes > 100_000 && bytes <= 200_000)
    }
  }

  /// A named pipe that another process writes `count` zeros into.
  private func withPipe(of count: Int, _ body: (String) throws -> Void) throws {
    try withScratchFolder { folder in
      let path = "\(folder)/pipe"
      try #require(mkfifo(path, 0o600) == 0)
      let writer = try #require(popen("head -c \(count) /dev/zero > '\(path)'", "r"))
      defer { pclose(writer) }
      try body(path)
    }
  }
}

@Suite("Files written whole or not at all")
struct WholeFileWritingTests {
  @Test("A new content replaces the old in one step")
  func replaces() throws {
    try withScratchFolder { folder in
      let path = "\(folder)/file"
      try WholeFile.write([1, 2, 3], to: path)
      let old = open(path, O_RDONLY)
      defer { close(old) }
      try WholeFile.write([4], to: path)
      // Who had the old file open still has all of it.
      var bytes = [UInt8](repeating: 0, count: 8)
      #expect(Glibc.read(old, &bytes, 8) == 3)
      #expect(bytes.prefix(3) == [1, 2, 3])
      #expect(try WholeFile.read(path) == [4])
      #expect(names(in: folder) == ["file"])
    }
  }

  @Test("A link is followed, not replaced")
  func link() throws {
    try withScratchFolder { folder in
      try WholeFile.write([1], to: "\(folder)/file")
      try #require(symlink("file", "\(folder)/link") == 0)
      try WholeFile.write([2], to: "\(folder)/link")
      #expect(try WholeFile.read("\(folder)/file") == [2])
      var information = stat()
      #expect(lstat("\(folder)/link", &information) == 0 && information.st_mode & S_IFMT == S_IFLNK)
      #expect(names(in: folder) == ["file", "link"])
    }
  }

  @Test("A device is written to, not replaced")
  func device() throws {
    try WholeFile.write([1], to: "/dev/null")
    #expect(try WholeFile.read("/dev/null") == [])
    #expect(throws: FileError.unwritable(path: "/dev/full", reason: "No space left on device")) {
      try WholeFile.write([1], to: "/dev/full")
    }
  }

  @Test("What cannot be written to is said to be so")
  func unwritable() throws {
    try withScratchFolder { folder in
      let nowhere = "\(folder)/nowhere/file"
      #expect(throws: FileError.unwritable(path: nowhere, reason: "No such file or directory")) {
        try WholeFile.write([1], to: nowhere)
      }
      #expect(throws: FileError.unwritable(path: folder, reason: "it is a folder")) {
        try WholeFile.write([1], to: folder)
      }
      #expect(names(in: folder) == [])
    }
  }

  @Test("A folder without permission is refused", .enabled(if: geteuid() != 0, "root may write anywhere"))
  func permission() throws {
    try withScratchFolder { folder in
      try #require(chmod(folder, 0o500) == 0)
      defer { chmod(folder, 0o700) }
      let path = "\(folder)/file"
      #expect(throws: FileError.unwritable(path: path, reason: "Permission denied")) {
        try WholeFile.write([1], to: path)
      }
      #expect(throws: FileError.unwritable(path: folder, reason: "Permission denied")) {
        try WholeFile.makeFolder(folder)
      }
    }
  }

  @Test("A write that fails half-way leaves the old file and nothing else")
  func failsHalfWay() throws {
    try withScratchFolder { folder in
      let path = "\(folder)/file"
      try WholeFile.write([1, 2, 3], to: path)
      // 64 MiB is far beyond what any other test writes meanwhile.
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(1), &limit)
      let usual = limit
      limit.rlim_cur = 64 << 20
      signal(SIGXFSZ, SIG_IGN)
      setrlimit(__rlimit_resource_t(1), &limit)
      defer { _ = withUnsafePointer(to: usual) { setrlimit(__rlimit_resource_t(1), $0) } }
      #expect(throws: FileError.unwritable(path: path, reason: "File too large")) {
        try WholeFile.write([UInt8](repeating: 0, count: 65 << 20), to: path)
      }
      #expect(try WholeFile.read(path) == [1, 2, 3])
      #expect(names(in: folder) == ["file"])
    }
  }

  @Test("A left-over of an earlier process is no obstacle")
  func leftOver() throws {
    try withScratchFolder { folder in
      let path = "\(folder)/file"
      for number in 0..<2_000 {
        close(open("\(path).\(getpid()).\(number).partial", O_CREAT | O_WRONLY, 0o400))
      }
      try WholeFile.write([1], to: path)
      #expect(try WholeFile.read(path) == [1])
    }
  }
}

@Suite("Partial files")
struct PartialFilesTests {
  /// Bytes that are looked at only after their temporary file is open.
  private struct Interrupting: Collection {
    let interrupt: () -> Void
    var startIndex: Int { 0 }
    var endIndex: Int { 3 }
    func index(after index: Int) -> Int { index + 1 }
    subscript(index: Int) -> UInt8 {
      interrupt()
      return UInt8(index)
    }
  }

  @Test("An interrupted write leaves the old file and nothing else")
  func discard() throws {
    try withScratchFolder { folder in
      let path = "\(folder)/file"
      try WholeFile.write([9], to: path)
      let partialFiles = PartialFiles()
      var seen = [String]()
      let bytes = Interrupting {
        if seen.isEmpty { seen = names(in: folder) }
        partialFiles.discard()
      }
      #expect(throws: FileError.self) { try WholeFile.write(bytes, to: path, listedIn: partialFiles) }
      #expect(seen.count == 2 && seen[1].hasSuffix(".partial"))
      #expect(names(in: folder) == ["file"])
      #expect(try WholeFile.read(path) == [9])
    }
  }

  @Test("A whole file is not discarded")
  func keepsWholeFiles() throws {
    try withScratchFolder { folder in
      let partialFiles = PartialFiles()
      try WholeFile.write([9], to: "\(folder)/file", listedIn: partialFiles)
      partialFiles.discard()
      #expect(names(in: folder) == ["file"])
    }
  }
}

@Suite("Folders")
struct FolderTests {
  @Test("Folders are made with those above them, and again without complaint")
  func makes() throws {
    try withScratchFolder { folder in
      try WholeFile.makeFolder("\(folder)/a/b//c/")
      try WholeFile.makeFolder("\(folder)/a/b/c")
      #expect(WholeFile.exists("\(folder)/a/b/c"))
      #expect(!WholeFile.exists("\(folder)/a/c"))
    }
  }

  @Test("A file in the way is said to be so")
  func obstacle() throws {
    try withScratchFolder { folder in
      let path = "\(folder)/file"
      try WholeFile.write([1], to: path)
      #expect(throws: FileError.unwritable(path: path, reason: "a file of that name is in the way")) {
        try WholeFile.makeFolder(path)
      }
      #expect(throws: FileError.unwritable(path: "\(path)/a", reason: "Not a directory")) {
        try WholeFile.makeFolder("\(path)/a")
      }
    }
  }

  @Test("What was made and stayed empty can be taken away; what holds something stays")
  func takingAway() throws {
    try withScratchFolder { folder in
      try WholeFile.makeFolder("\(folder)/old")
      let made = try WholeFile.makeFolder("\(folder)/old/a/b/c")
      #expect(made == ["\(folder)/old/a", "\(folder)/old/a/b", "\(folder)/old/a/b/c"])
      try WholeFile.write([1], to: "\(folder)/old/a/file")
      WholeFile.removeEmptyFolders(made)
      #expect(names(in: "\(folder)/old/a") == ["file"])
      #expect(try WholeFile.makeFolder("\(folder)/old").isEmpty)
    }
  }

  @Test("A folder that cannot be made leaves none of those above it")
  func halfMade() throws {
    try withScratchFolder { folder in
      let name = String(repeating: "x", count: 300)
      #expect(throws: FileError.self) { try WholeFile.makeFolder("\(folder)/a/b/\(name)") }
      #expect(names(in: folder).isEmpty)
    }
  }
}

@Test(
  "Every message is one line that names the path",
  arguments: [
    FileError.notFound(path: "x.wav"), .isFolder(path: "x.wav"), .unreadable(path: "x.wav", reason: "r"),
    .tooLarge(path: "x.wav", bytes: 2, limit: 1), .unwritable(path: "x.wav", reason: "r"),
  ])
func messages(error: FileError) {
  #expect(error.description.hasPrefix("x.wav: "))
  #expect(!error.description.contains("\n"))
}

@Suite("What killed processes leave")
struct LeftoverTests {
  @Test("what a killed process left beside a file is taken away, what a living one writes is not")
  func leftovers() throws {
    try withScratchFolder { folder in
      // No process has the number; this one writes the second, and the third is of another file.
      let names = ["net.onnx.4194305.1.partial", "net.onnx.\(getpid()).1.partial", "net.4194305.1.partial"]
      for name in names { try WholeFile.write([1], to: "\(folder)/\(name)") }
      PartialFiles.removeLeftovers(of: "\(folder)/net.onnx")
      #expect(TestSupport.names(in: folder) == names.dropFirst().sorted())
    }
  }
}

import Files
import TestSupport
import Testing

struct FolderListingTests {
  @Test("What lies in a folder, by name, without what is hidden")
  func paths() throws {
    try withScratchFolder { folder in
      for name in ["b.wav", "a.wav", ".hidden", "c d"] { try WholeFile.write([1], to: "\(folder)/\(name)") }
      let expected = ["a.wav", "b.wav", "c d"].map { "\(folder)/\($0)" }
      #expect(try Folder.visiblePaths(in: folder) == expected)
      #expect(try Folder.visiblePaths(in: folder + "/") == expected)
      #expect(throws: FileError.notFound(path: "\(folder)/none")) {
        try Folder.visiblePaths(in: "\(folder)/none")
      }
      #expect(throws: FileError.self) { try Folder.visiblePaths(in: "\(folder)/a.wav") }
    }
  }
}

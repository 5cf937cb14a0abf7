import Files
import Testing

struct RelativePathTests {
  @Test(
    "The way from a folder to a file",
    arguments: [
      ("/a/b/c.wav", "/a/b", "c.wav"), ("/a/b/c.wav", "/a/out", "../b/c.wav"),
      ("/a/c.wav", "/a/b/d/", "../../c.wav"),
      ("/c.wav", "/", "c.wav"), ("/a/b/c.wav", "/a/b/c.wav", "../c.wav"),
    ])
  func way(path: String, folder: String, expected: String) {
    #expect(RelativePath.text(to: path, from: folder) == expected)
  }

  @Test("Without a folder, and for a path that is not absolute, it stays")
  func same() {
    #expect(RelativePath.text(to: "/a/b.wav", from: nil) == "/a/b.wav")
    #expect(RelativePath.text(to: "b.wav", from: "/a") == "b.wav")
  }
}

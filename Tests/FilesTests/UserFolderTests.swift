import Files
import Testing

struct UserFolderTests {
  @Test(
    "A variable names the folder if its path is absolute; else it lies at home, if there is one",
    arguments: [
      (["XDG_DATA_HOME": "/x/data", "HOME": "/home/a"], "/x/data/otoscope/own"),
      (["XDG_DATA_HOME": "data", "HOME": "/home/a"], "/home/a/.local/share/otoscope/own"),
      (["XDG_DATA_HOME": "", "HOME": "/home/a/"], "/home/a/.local/share/otoscope/own"),
      (["HOME": "/"], "/.local/share/otoscope/own"), (["HOME": "home"], nil), ([:], nil),
    ] as [([String: String], String?)])
  func path(environment: [String: String], expected: String?) {
    let found = UserFolder.path(to: "otoscope/own", in: "XDG_DATA_HOME", or: ".local/share") {
      environment[$0]
    }
    #expect(found == expected)
  }
}

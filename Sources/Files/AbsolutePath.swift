import Glibc

/// Paths that mean the same whatever the current folder is.
public enum AbsolutePath {
  /// `path` from the root on, without `.` and doubled slashes; links and `..` stay as they are.
  public static func text(_ path: String) -> String {
    let whole = path.hasPrefix("/") ? path : currentFolder + "/" + path
    let parts = whole.split(separator: "/").filter { $0 != "." }
    return "/" + parts.joined(separator: "/")
  }

  private static var currentFolder: String {
    guard let name = getcwd(nil, 0) else { return "" }
    defer { free(name) }
    return PathText.text(at: name)
  }
}

/// The way from a folder to a file.
public enum RelativePath {
  /// `path`, an absolute one, as seen from `folder`; itself where there is no folder.
  public static func text(to path: String, from folder: String?) -> String {
    guard let folder, path.hasPrefix("/") else { return path }
    let target = path.split(separator: "/")
    let start = AbsolutePath.text(folder).split(separator: "/")
    let shared = zip(target.dropLast(), start).prefix { $0 == $1 }.count
    let up = [Substring](repeating: "..", count: start.count - shared)
    return (up + target[shared...]).joined(separator: "/")
  }
}

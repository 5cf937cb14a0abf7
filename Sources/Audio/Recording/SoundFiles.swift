import Files

/// The sounds that paths stand for: a folder for all in it and below.
public enum SoundFiles {
  /// Files in the order in which they and their folders are named, a folder's in the order of their names.
  public static func all(in paths: [String]) throws -> [String] {
    try paths.flatMap { path in
      Folder.exists(path) ? try folders(in: path).flatMap { $0 } : [path]
    }
  }

  /// The sounds in `folder` and in each folder below it.
  public static func folders(in folder: String) throws -> [[String]] {
    let inside = try Folder.visiblePaths(in: folder)
    return [inside.filter { !Folder.exists($0) && isMedia($0) }]
      + (try inside.filter { Folder.exists($0) }.flatMap { try folders(in: $0) })
  }

  /// What lies beside sounds in a folder.
  private static func isMedia(_ path: String) -> Bool {
    let ending = Folder.name(of: path).split(separator: ".").last?.lowercased() ?? ""
    return !["txt", "csv", "tsv", "json", "md", "png", "svg", "html", "npz", "npy", "onnx", "xml"].contains(
      ending)
  }
}

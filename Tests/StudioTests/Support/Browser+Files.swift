import Foundation

extension Browser {
  /// Gives a file's path to an input for files, as its dialog would.
  func choose(file path: String, in name: String) throws {
    let input = try find("input[type=file]\(Self.hook(name)), \(Self.hook(name)) input[type=file]")
    try input.type(path)
  }
}

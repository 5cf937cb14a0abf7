import Files

/// The arguments of this process.
enum Arguments {
  /// Without the command's name, as paths are written: no byte is lost.
  static var given: [String] { Array(all.dropFirst()) }

  private static var all: [String] {
    (0..<Int(Swift.CommandLine.argc)).compactMap { place in
      Swift.CommandLine.unsafeArgv[place].map { PathText.text(at: $0) }
    }
  }

  /// As typed.
  static var asTyped: String {
    all.map(PathText.shown).map(quotedForShell).joined(separator: " ")
  }

  /// An argument as one would type it.
  private static func quotedForShell(_ argument: String) -> String {
    let isPlain =
      !argument.isEmpty
      && argument.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:,=+@%".contains($0)) }
    return isPlain
      ? argument
      : "'" + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        + "'"
  }
}

/// The arguments of this process.
enum Arguments {
  /// As typed.
  static var asTyped: String {
    Swift.CommandLine.arguments.map(quotedForShell).joined(separator: " ")
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

extension String {
  /// The text on one line, without anything that would steer a terminal: a file's name may hold any byte.
  package var onOneLine: String {
    String(
      String.UnicodeScalarView(
        PathText.shown(self).unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
  }
}

package import Audio

extension LabelledClip {
  /// Longer ones are not read in one piece, in seconds.
  package static let longest = 1200.0

  /// The stretch of the sound that it is.
  ///
  /// - Parameter limit: in seconds.
  /// - Throws: `AudioError`; `.tooLong` beyond the limit.
  package func recording(limit: Double = longest) throws(AudioError) -> Recording {
    try Recording.read(
      path, from: stretch?.lowerBound ?? 0, duration: stretch.map { $0.upperBound - $0.lowerBound },
      limit: limit)
  }
}

extension FeatureStore {
  /// What a baseline is given for each picture: the mean and, with `deviations`, the standard deviation of each band over the
  /// frames, `[rows, width]` or `[rows, 2 · width]`.
  ///
  /// - Parameter rows: clips, each in one of its variations; all of them have pictures.
  public func statistics(
    of rows: [(clip: Int, variation: Int)], deviations: Bool = true
  ) -> [[Double]] {
    rows.map { clip, variation in
      let frames = Double(frames(clip: clip, variation: variation))
      precondition(frames > 0, "clip \(clip) has no picture")
      return withPicture(clip: clip, variation: variation) { values in
        var means = [Double](repeating: 0, count: width)
        for (place, value) in values.enumerated() { means[place % width] += Double(value) }
        for band in 0..<width { means[band] /= frames }
        guard deviations else { return means }
        var squares = [Double](repeating: 0, count: width)
        for (place, value) in values.enumerated() {
          let distance = Double(value) - means[place % width]
          squares[place % width] += distance * distance
        }
        return means + squares.map { ($0 / frames).squareRoot() }
      }
    }
  }
}

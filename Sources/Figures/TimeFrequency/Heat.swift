/// The heat map: bins to pixels.
enum Heat {
  /// The spectrogram in grey with the overlay's colours over it, `width` by `height` pixels, lowest band at the bottom.
  static func raster(
    _ content: TimeFrequencyFigure.Content, width: Int, height: Int
  ) throws(FigureError) -> Raster {
    let bands = content.bandsOfRows(height)
    let columns = min(content.frames, width)
    let rows = bands.count
    let loud = reduced(content.loudness.values, content.frames, content.bands, columns, bands, by: >)
    let heat = content.heat.map { grid in
      reduced(grid.values, content.frames, content.bands, columns, bands) { abs($0) > abs($1) }
    }
    let greys = greyTable(isUnderHeat: heat != nil)
    let heatColors = content.heat.map { grid in
      let colors = HeatColors(scale: grid.scale)
      return (0...heatSteps).map { colors.color(at: Double($0) / Double(heatSteps)) }
    }
    let columnOfPixel = (0..<width).map { (2 * $0 + 1) * columns / (2 * width) }
    let levels = Double(greys.count - 1)
    return try Raster(width: width, height: height) { pixels, pitch in
      var drawn = -1
      for y in 0..<height {
        let out = UnsafeMutableBufferPointer(rebasing: pixels[y * pitch..<y * pitch + width])
        let row = rows - 1 - (2 * y + 1) * rows / (2 * height)
        if row == drawn {
          // The same bins as the pixel row above.
          _ = out.update(fromContentsOf: pixels[(y - 1) * pitch..<(y - 1) * pitch + width])
          continue
        }
        drawn = row
        let line = (0..<columns).map { column in
          let index = column * rows + row
          let grey = greys[Int((content.loudness.scale.position(of: loud[index]) * levels).rounded())]
          guard let heat, let heatColors, let scale = content.heat?.scale else { return packed(grey) }
          let (color, opacity) = heatColors[
            Int((scale.position(of: heat[index]) * Double(heatSteps)).rounded())]
          return packed(color.over(grey, opacity: opacity))
        }
        for x in 0..<width { out[x] = line[columnOfPixel[x]] }
      }
    }
  }

  /// Fewer colours than a screen has, for a file half as large and no step to be seen; even, for zero in the middle.
  private static let heatSteps = 128

  /// The greys loudness is drawn in. Under a heat map they stay dark, for the colours to stand out.
  static func greyTable(isUnderHeat: Bool) -> [Color] {
    let (darkest, range, steps) = isUnderHeat ? (0.07, 0.6, 40) : (0.05, 0.93, 63)
    return (0...steps).map { Colormap.greys[darkest + range * Double($0) / Double(steps)] }
  }

  /// The grid with at most a bin a pixel: of several, the first that none of the others beats.
  ///
  /// - Parameter bandsOfRows: which bands each row shows.
  private static func reduced(
    _ values: [Float], _ frames: Int, _ bands: Int, _ columns: Int, _ bandsOfRows: [Range<Int>],
    by beats: (Float, Float) -> Bool
  ) -> [Float] {
    let rows = bandsOfRows.count
    var result = [Float](repeating: 0, count: columns * rows)
    for column in 0..<columns {
      let ownFrames = column * frames / columns..<(column + 1) * frames / columns
      for (row, ownBands) in bandsOfRows.enumerated() {
        var best = values[ownFrames.lowerBound * bands + ownBands.lowerBound]
        for frame in ownFrames {
          for band in ownBands where beats(values[frame * bands + band], best) {
            best = values[frame * bands + band]
          }
        }
        result[column * rows + row] = best
      }
    }
    return result
  }

  private static func packed(_ color: Color) -> UInt32 {
    UInt32(color.red) << 16 | UInt32(color.green) << 8 | UInt32(color.blue)
  }

  /// A grid with at most a value a pixel, and which of them a pixel shows.
  struct Shrunk {
    private let values: [Float]
    private let columns: Int
    private let rows: Int

    init(
      _ values: [Float], _ frames: Int, _ bands: Int, _ width: Int, _ height: Int,
      by beats: (Float, Float) -> Bool
    ) {
      columns = min(frames, width)
      rows = min(bands, height)
      self.values = Heat.reduced(
        values, frames, bands, columns,
        (0..<rows).map { [rows] in $0 * bands / rows..<($0 + 1) * bands / rows },
        by: beats)
    }

    /// What the pixel `x` from the left and `y` from the top of `width` by `height` shows.
    func value(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> Float {
      let column = (2 * x + 1) * columns / (2 * width)
      return values[column * rows + rows - 1 - (2 * y + 1) * rows / (2 * height)]
    }
  }
}

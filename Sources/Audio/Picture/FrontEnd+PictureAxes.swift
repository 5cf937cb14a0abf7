extension FrontEnd {
  /// Where the bins of `logMel` lie. The bands of several channels are panels of their own.
  public var axes: PictureAxes { axes(channels: 1) }

  /// The same for a sound of so many channels, each listened to by itself, and in each resolution.
  public func axes(channels: Int) -> PictureAxes {
    let rate = Double(sampleRate)
    var bands = [PictureAxes.Band(0, rate / 4, rate / 2)]
    if !isSamples {
      let edges = bandEdges
      bands = (0..<bandCount).map { PictureAxes.Band(edges[$0], edges[$0 + 1], edges[$0 + 2]) }
    }
    return PictureAxes(
      start: frameTime(0), hop: hopSeconds, window: Double(window) / rate,
      panels: (0..<max(1, channels)).flatMap { channel in
        resolutions.map { resolution in
          PictureAxes.Panel(
            bands, channel: channels > 1 ? channel : nil,
            window: pictureCount > 1 ? Double(resolution.window) / rate : nil, scale: mel?.scale,
            slopes: mel.flatMap { $0.construction.isStraightInMel ? $0.scale : nil })
        }
      })
  }

  /// Where the bins of `magnitudes` lie.
  public var linearAxes: PictureAxes {
    let rate = Double(sampleRate)
    return PictureAxes(
      start: frameTime(0), hop: hopSeconds, window: Double(window) / rate,
      panels: [PictureAxes.Panel(PictureAxes.Band.linear(count: bins, highest: rate / 2))])
  }
}

extension FrontEnd.Mel.Construction {
  /// Whether the triangles are straight on the mel scale; they are in hertz otherwise.
  fileprivate var isStraightInMel: Bool { self == .tensorflow || self == .kaldi }
}

extension PictureAxes.Band {
  /// The bins of a transform from 0 Hz to `highest`.
  static func linear(count: Int, highest: Double) -> [PictureAxes.Band] {
    let width = count > 1 ? highest / Double(count - 1) : highest
    return (0..<count).map { bin in
      let centre = Double(bin) * width
      return PictureAxes.Band(max(0, centre - width), centre, min(highest, centre + width))
    }
  }
}

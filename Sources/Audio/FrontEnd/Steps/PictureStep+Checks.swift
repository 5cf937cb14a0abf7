extension PictureStep {
  /// Whether its values are sane, for a picture of so many bands.
  ///
  /// - Throws: `.badFrontEnd` naming the step, as in `patch.steps[2].range`.
  func check(at place: String, bands: Int) throws(AudioError) {
    switch self {
    case .affine(let scale, let shift):
      try AudioError.check("\(place).scale", scale, within: -1e12...1e12)
      try AudioError.check("\(place).shift", shift, within: -1e12...1e12)
    case .statistics(let mean, let deviation):
      try Self.check(mean, deviation, at: place, count: bands, of: "bands", orOne: true)
    case .standardise(let standardisation):
      try AudioError.check("\(place).epsilon", standardisation.epsilon, within: 0...1e6)
    case .raiseToRange(let range): try AudioError.check("\(place).range", range, within: 0...1e12)
    case .unitRange(let epsilon): try AudioError.check("\(place).epsilon", epsilon, within: 0...1e6)
    case .clip(let lowest, let highest):
      try AudioError.check("\(place).lowest", lowest, within: -1e30...1e30)
      try AudioError.check("\(place).highest", highest, within: lowest...1e30)
    case .cepstra(let cepstra):
      guard (1...bands).contains(cepstra.count) else {
        throw .badFrontEnd(
          key: "\(place).count", value: "\(cepstra.count)", problem: "must be from 1 to the bands, \(bands)")
      }
      switch cepstra.lifter {
      case .librosa(let length), .kaldi(let length):
        try AudioError.check("\(place).lifter", length, within: 1e-3...1e6)
      case .none: break
      }
    case .subtractMaximum, .unitPeak: break
    }
  }

  /// Whether means and deviations are as many as bands or channels, and no deviation is 0.
  fileprivate static func check(
    _ mean: [Double], _ deviation: [Double], at place: String, count: Int, of what: String, orOne: Bool
  ) throws(AudioError) {
    for (key, values) in [("mean", mean), ("deviation", deviation)] {
      guard values.count == count || (orOne && values.count == 1) else {
        throw .badFrontEnd(
          key: "\(place).\(key)", value: "\(values.count) numbers",
          problem: "must be \(orOne ? "one number, or " : "")\(count), as many as \(what)")
      }
      for value in values { try AudioError.check("\(place).\(key)", value, within: -1e12...1e12) }
    }
    guard deviation.allSatisfy({ abs($0) >= 1e-12 }) else {
      throw .badFrontEnd(key: "\(place).deviation", value: "0", problem: "must not be 0")
    }
  }
}

extension PatchStep {
  /// Whether its values are sane, for a patch of these extents.
  ///
  /// - Throws: `.badFrontEnd` naming the step.
  func check(at place: String, _ extents: PatchExtents, channelsAreKnown: Bool) throws(AudioError) {
    func bounded(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws(AudioError) {
      guard !range.contains(value) else { return }
      throw .badFrontEnd(
        key: "\(place).\(key)", value: "\(value)",
        problem: "must be from \(range.lowerBound) to \(range.upperBound)")
    }
    switch self {
    case .values(let step): try step.check(at: place, bands: extents.bands)
    case .resize(let frames, let bands, _):
      try bounded("frames", frames, 1...4096)
      try bounded("bands", bands, 1...4096)
    case .cut(let frames): try bounded("frames", frames, 1...1 << 24)
    case .copies(let count): try bounded("channels", count, 1...64)
    case .deltas(let deltas):
      try bounded("orders", deltas.orders, 1...2)
      guard deltas.width % 2 == 1, (3...99).contains(deltas.width) else {
        throw .badFrontEnd(
          key: "\(place).width", value: "\(deltas.width)", problem: "must be odd, from 3 to 99")
      }
      guard deltas.kind == .slopes || deltas.width <= extents.frames else {
        throw .badFrontEnd(
          key: "\(place).width", value: "\(deltas.width)",
          problem: "must be at most the frames of a patch, \(extents.frames)")
      }
      // A derivative is a matrix of frames by frames.
      guard extents.frames <= 4096 else {
        throw .badFrontEnd(
          key: "patch.frames", value: "\(extents.frames)", problem: "must be at most 4096 for \"deltas\"")
      }
    case .colours:
      guard extents.channels == 1 else {
        throw .badFrontEnd(
          key: "\(place).kind", value: "\"colours\"", problem: "needs one channel; put it before \"copies\"")
      }
    case .channelStatistics(let mean, let deviation):
      guard channelsAreKnown || extents.channels > 1 else { return }
      try PictureStep.check(
        mean, deviation, at: place, count: extents.channels, of: "channels", orOne: false)
    case .flip: break
    }
  }
}

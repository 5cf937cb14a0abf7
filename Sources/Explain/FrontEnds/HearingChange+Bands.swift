import Audio

extension HearingChanges {
  /// How the other program may have summed spectra into bands.
  ///
  /// - Parameter theirs: how many bands it has.
  static func ofBands(_ hearing: Hearing, theirs: PatchExtents?) -> [HearingChanges] {
    guard let mel = hearing.frontEnd.mel else { return ofRange(hearing) }
    let half = Double(hearing.frontEnd.sampleRate) / 2
    return [
      HearingChanges(
        .melNorm, ours: mel.norm.rawValue,
        FrontEnd.Mel.Norm.allCases.map { ($0.rawValue, hearing.changingMel(norm: $0)) }),
      HearingChanges(
        .melScale, ours: mel.scale.rawValue,
        // Kaldi's scale is HTK's but for the last digits.
        [MelScale.htk, .slaney].filter { $0 != .htk || mel.scale != .kaldi }.map {
          ($0.rawValue, hearing.changingMel(scale: $0))
        }),
      HearingChanges(
        .melConstruction, ours: mel.construction.rawValue,
        FrontEnd.Mel.Construction.allCases.map { ($0.rawValue, hearing.changingMel(construction: $0)) }),
      HearingChanges(
        .melLowest, ours: mel.lowest,
        common: [0, 20, 27.5, 30, 40, 50, 60, 64, 80, 100, 125, 133.3333, 150, 200, 300, 500],
        spacing: .linear
      ) { hearing.changingMel(lowest: $0) },
      HearingChanges(
        .melHighest, ours: mel.highest,
        common: [
          1000, 2000, 2500, 3000, 3400, 3700, 3800, 4000, 5000, 5500, 6000, 6500, 6855.4976, 7000, 7500, 7600,
          7800, 8000, 10000,
          11000,
          11025, 12000, 14000, 15000, 16000, 20000, 22050, half, half - 100,
        ], spacing: .linear
      ) { hearing.changingMel(highest: $0) },
      rates(hearing, mel),
      counts(hearing, mel, theirs: theirs),
    ]
  }

  /// Triangles made for another rate, such as librosa's 22050 where `sr` was left out.
  private static func rates(_ hearing: Hearing, _ mel: FrontEnd.Mel) -> HearingChanges {
    let ours = hearing.frontEnd.sampleRate
    var candidates: [(String, Hearing?)] = []
    for rate in commonRates(with: ours) where rate != ours {
      for highest in highestHertz(of: hearing, at: rate) {
        // Both rates must allow the highest frequency while one is changed after the other.
        let low = hearing.changingMel(highest: min(highest, Double(ours) / 2)) ?? hearing
        guard let moved = low.changing(sampleRate: rate) else { continue }
        candidates.append(("\(rate)", moved.changingMel(highest: highest) ?? moved))
      }
    }
    return HearingChanges(.melRate, ours: "\(ours)", candidates)
  }

  private static func counts(_ hearing: Hearing, _ mel: FrontEnd.Mel, theirs: PatchExtents?) -> HearingChanges
  {
    guard let theirs, theirs.bands != hearing.frontEnd.patchExtents().bands else { return HearingChanges([]) }
    return HearingChanges(
      .melBands, ours: "\(mel.bands)", [("\(theirs.bands)", hearing.changingMel(bands: theirs.bands))])
  }

  /// The range of a linear or logarithmic picture.
  private static func ofRange(_ hearing: Hearing) -> [HearingChanges] {
    let half = Double(hearing.frontEnd.sampleRate) / 2
    switch hearing.frontEnd.analysis?.bands {
    case .linear(let lowest, let highest)?:
      let ranges = [(0, half), (lowest, half), (0, highest)]
      return [
        HearingChanges(
          .bands, ours: "\(text(lowest)) to \(text(highest)) Hz",
          ranges.map { low, high in
            (
              "\(text(low)) to \(text(high)) Hz",
              hearing.changingAnalysis { $0.bands = .linear(lowest: low, highest: high) }
            )
          })
      ]
    default: return []
    }
  }
}

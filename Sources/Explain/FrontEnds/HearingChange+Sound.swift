import Audio
import Files

extension HearingChanges {
  /// How the other program may have read the file.
  static func ofReading(_ hearing: Hearing, _ sound: HeardSound) -> [HearingChanges] {
    var families = [channels(hearing, sound), rates(hearing, sound)]
    if let patch = offsets(hearing) { families.append(patch) }
    return families
  }

  private static func channels(_ hearing: Hearing, _ sound: HeardSound) -> HearingChanges {
    let count = sound.recording.channels.count
    guard count > 1, hearing.frontEnd.sound.channels != .all else { return HearingChanges([]) }
    func name(_ channels: FrontEnd.Sound.Channels) -> String {
      switch channels {
      case .mix: "mix"
      case .all: "all"
      case .one(let index): "channel \(index + 1)"
      }
    }
    let candidates = [.mix] + (0..<min(count, 8)).map { FrontEnd.Sound.Channels.one($0) }
    return HearingChanges(
      .channels, ours: name(hearing.frontEnd.sound.channels),
      candidates.map { choice in (name(choice), hearing.changingSound { $0.channels = choice }) })
  }

  /// The file's own rate or another one, its samples taken for ours; or all at another rate.
  private static func rates(_ hearing: Hearing, _ sound: HeardSound) -> HearingChanges {
    let ours = hearing.frontEnd.sampleRate
    var candidates: [(String, Hearing?)] = []
    for rate in commonRates(with: sound.recording.sampleRate) where rate != ours {
      var mistaken = hearing
      mistaken.sampleRate = rate
      let reading = rate == sound.recording.sampleRate ? "\(rate) (not resampled)" : "\(rate)"
      candidates.append(("\(reading), taken for \(ours)", mistaken))
      for highest in highestHertz(of: hearing, at: rate) {
        var other = hearing.changingMel(highest: min(highest, Double(ours) / 2)) ?? hearing
        other = other.changing(sampleRate: rate) ?? other
        if highest > Double(ours) / 2 { other = other.changingMel(highest: highest) ?? other }
        other.sampleRate = rate
        guard other.frontEnd.sampleRate == rate else { continue }
        candidates.append(("\(rate)", other))
      }
    }
    return HearingChanges(.sampleRate, ours: "\(ours)", candidates)
  }

  static func commonRates(with rate: Int) -> [Int] {
    let common = [8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000]
    return (common.contains(rate) ? [] : [rate]) + common
  }

  /// The highest frequency of the bands in a program that believes in another rate: ours if it can be, and half the rate
  /// where ours is.
  static func highestHertz(of hearing: Hearing, at rate: Int) -> [Double] {
    guard let mel = hearing.frontEnd.mel else { return [0] }
    let half = Double(rate) / 2
    let isHalf = mel.highest == Double(hearing.frontEnd.sampleRate) / 2
    return (mel.highest <= half ? [mel.highest] : [half]) + (isHalf && mel.highest < half ? [half] : [])
  }

  /// Another first sample: coarse steps of a quarter hop over two frames, to be refined.
  private static func offsets(_ hearing: Hearing) -> HearingChanges? {
    let (hop, window) = (hearing.frontEnd.hop, hearing.frontEnd.window)
    let step = max(1, hop / 4)
    let reach = hearing.frontEnd.isSamples ? 64 : (window + 2 * hop) / step
    let halfWindow = [window / 2, hearing.frontEnd.fft / 2, window, hop].flatMap { [$0, -$0] }
    let common = (-reach...reach).map { $0 * step } + halfWindow + [1, -1]
    return HearingChanges(
      .firstSample, ours: 0, common: common.filter { $0 != 0 }.map(Double.init), spacing: .integer
    ) { value in
      var moved = hearing
      moved.skippedSamples = Int(value)
      return moved
    }
  }

  /// What the other program may have done to the samples.
  static func ofSamples(_ hearing: Hearing) -> [HearingChanges] {
    let sound = hearing.frontEnd.sound
    return [
      scaling(hearing),
      scaleKinds(hearing),
      HearingChanges(
        .meanRemoval, ours: "\(sound.removesMean)",
        [("\(!sound.removesMean)", hearing.changingSound { $0.removesMean.toggle() })]),
      HearingChanges(
        .preEmphasis, ours: sound.preEmphasis, common: [0, 0.9, 0.95, 0.97, 0.98], spacing: .linear
      ) { value in
        guard (0...1).contains(value) else { return nil }
        return hearing.changingSound { $0.preEmphasis = value }
      },
    ]
  }

  /// Sixteen-bit integers are 32768 times samples within ±1.
  private static func scaling(_ hearing: Hearing) -> HearingChanges {
    let ours: Double =
      switch hearing.frontEnd.sound.scaling {
      case .none: 1
      case .factor(let factor): factor
      case .peak, .standard: 0
      }
    guard ours > 0 else { return HearingChanges([]) }
    let common = [32768, 32767, 1 / 32768.0, 1 / 32767.0, 2_147_483_648, 128, 256, 2, 0.5, 10, 0.1, 1]
    return HearingChanges(
      .scaling, ours: ours, common: common.flatMap { [$0, $0 * ours] }, spacing: .logarithmic
    ) {
      value in
      hearing.changingSound { $0.scaling = value == 1 ? .none : .factor(value) }
    }
  }

  private static func scaleKinds(_ hearing: Hearing) -> HearingChanges {
    func name(_ scaling: FrontEnd.Sound.Scaling) -> String {
      switch scaling {
      case .none: "1"
      case .factor(let factor): text(factor)
      case .peak: "by the peak"
      case .standard: "to mean 0 and deviation 1"
      }
    }
    let kinds: [FrontEnd.Sound.Scaling] = [.none, .peak, .standard(epsilon: 1e-7)]
    return HearingChanges(
      .scaling, ours: name(hearing.frontEnd.sound.scaling),
      kinds.map { kind in (name(kind), hearing.changingSound { $0.scaling = kind }) })
  }

  /// Four digits, and whole numbers in full.
  static func text(_ value: Double) -> String { NumberText.rounded(value, digits: 4) }
}

import Audio

extension HearingChanges {
  /// Steps that the other program may have left out, done otherwise, or done besides.
  static func ofSteps(_ hearing: Hearing) -> [HearingChanges] {
    let (steps, patchSteps) = (hearing.frontEnd.steps, hearing.frontEnd.patch.steps)
    return variants(.steps, steps.map { PatchStep.values($0) }) { others in
      hearing.changing(steps: others.compactMap { if case .values(let step) = $0 { step } else { nil } })
    } + variants(.patchSteps, patchSteps) { others in hearing.changingPatch { $0.steps = others } }
      + [ofAdded(hearing)]
  }

  /// Each step left out, then done as by mistake; all of several left out.
  private static func variants(
    _ setting: HearingSetting, _ steps: [PatchStep], _ make: @escaping @Sendable ([PatchStep]) -> Hearing?
  ) -> [HearingChanges] {
    var families: [HearingChanges] = []
    var changes: [HearingChange] = []
    for (index, step) in steps.enumerated() {
      var others = steps
      others.remove(at: index)
      add(&changes, setting, step.name, "left out", make(others))
      for variant in step.variants {
        others = steps
        others[index] = variant
        add(&changes, setting, step.name, variant.name, make(others))
      }
      if case .values(.raiseToRange(let range)) = step {
        let common = [range / 2, range * 2, range * 0.75, range * 1.25, 60, 80, 100, 120]
        families.append(
          HearingChanges(setting, ours: range, common: common, spacing: .linear) { value in
            var others = steps
            others[index] = .values(.raiseToRange(value))
            return value > 0 ? make(others) : nil
          })
      }
    }
    if steps.count > 1 { add(&changes, setting, "all", "left out", make([])) }
    return [HearingChanges(changes)] + families
  }

  private static func add(
    _ changes: inout [HearingChange], _ setting: HearingSetting, _ ours: String, _ theirs: String,
    _ hearing: Hearing?
  ) {
    guard let hearing else { return }
    changes.append(HearingChange(setting: setting, ours: ours, theirs: theirs, hearing: hearing))
  }

  /// Normalisations that are none of ours.
  private static func ofAdded(_ hearing: Hearing) -> HearingChanges {
    var changes: [HearingChange] = []
    let centring = PictureStep.Standardisation(over: .all, scales: false)
    let kinds: [PictureStep] =
      PictureStep.Standardisation.Extent.allCases.map { .standardise(.init(over: $0)) }
      + [.standardise(centring), .unitRange(epsilon: 0)]
    for kind in kinds {
      add(
        &changes, .steps, "none", "\(kind.name), of the whole sound",
        hearing.changing(steps: hearing.frontEnd.steps + [kind]))
      add(
        &changes, .patchSteps, "none", "\(kind.name), of each patch",
        hearing.changingPatch { $0.steps.append(.values(kind)) })
    }
    return HearingChanges(changes)
  }
}

extension PictureStep {
  /// In a few words.
  var name: String {
    switch self {
    case .affine(let scale, let shift):
      "times \(HearingChanges.text(scale)) plus \(HearingChanges.text(shift))"
    case .statistics: "mean and deviation given"
    case .standardise(let step):
      (step.scales ? "mean 0 and deviation 1" : "mean 0") + " of \(step.over.rawValue)"
        + (step.isUnbiased ? " (n - 1)" : "")
    case .subtractMaximum: "from the maximum"
    case .raiseToRange(let range): "at least the maximum minus \(HearingChanges.text(range))"
    case .unitRange: "0 to 1"
    case .unitPeak: "of a peak of 1"
    case .clip(let lowest, let highest):
      "within \(HearingChanges.text(lowest)) and \(HearingChanges.text(highest))"
    case .cepstra(let cepstra): "\(cepstra.count) cepstra"
    }
  }

  /// How it is done by mistake.
  fileprivate var variants: [PictureStep] {
    switch self {
    case .standardise(let step):
      var changed: [Standardisation] = []
      for extent in Standardisation.Extent.allCases where extent != step.over {
        changed.append(step)
        changed[changed.count - 1].over = extent
      }
      changed += [step, step]
      changed[changed.count - 2].isUnbiased.toggle()
      changed[changed.count - 1].scales.toggle()
      return changed.map { .standardise($0) }
    case .statistics(let mean, let deviation):
      // The variance, or half or twice the deviation, in place of it.
      return [deviation.map { $0 * $0 }, deviation.map { $0 / 2 }, deviation.map { $0 * 2 }].map {
        .statistics(mean: mean, deviation: $0)
      }
    case .affine(let scale, let shift):
      return [
        .affine(scale: scale, shift: 0), .affine(scale: 1, shift: shift),
        .affine(scale: scale, shift: -shift),
      ]
    default: return []
    }
  }
}

extension PatchStep {
  var name: String {
    switch self {
    case .values(let step): step.name
    case .resize(let frames, let bands, let mode): "\(frames) x \(bands), \(mode.rawValue)"
    case .flip(let axis): "\(axis.rawValue) turned"
    case .copies(let count): "\(count) copies"
    case .deltas(let deltas): "\(deltas.orders) orders of slopes"
    case .cut(let frames): "the first \(frames) frames"
    case .colours(let colours): colours.map.rawValue + (colours.isInterpolated ? ", interpolated" : "")
    case .channelStatistics: "mean and deviation of channels"
    }
  }

  fileprivate var variants: [PatchStep] {
    switch self {
    case .values(let step): step.variants.map { .values($0) }
    case .resize(let frames, let bands, .bilinear): [.resize(frames: frames, bands: bands, mode: .nearest)]
    case .resize(let frames, let bands, .nearest): [.resize(frames: frames, bands: bands, mode: .bilinear)]
    case .colours(let colours):
      ColourMap.allCases.map { Colours($0, isInterpolated: colours.isInterpolated) }.filter { $0 != colours }
        .map { .colours($0) }
        + [.colours(Colours(colours.map, isInterpolated: !colours.isInterpolated))]
    case .channelStatistics(let mean, let deviation):
      [
        .channelStatistics(mean: mean.reversed(), deviation: deviation.reversed()),
        .channelStatistics(mean: mean.map { _ in 0 }, deviation: deviation.map { _ in 1 }),
        .channelStatistics(mean: mean.map { _ in 0.5 }, deviation: deviation.map { _ in 0.5 }),
      ]
    default: []
    }
  }
}

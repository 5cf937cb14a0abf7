import Audio

extension HearingChanges {
  /// How the other program may have laid the patches.
  static func ofAxes(_ hearing: Hearing) -> [HearingChanges] {
    var transposed = hearing
    transposed.isTransposed.toggle()
    func turned(_ axis: PatchStep.Axis) -> Hearing? { hearing.changingPatch { $0.steps.append(.flip(axis)) } }
    guard !hearing.frontEnd.isSamples else {
      return [
        HearingChanges(.frameOrder, ours: "first sample first", [("last sample first", turned(.frames))])
      ]
    }
    return [
      HearingChanges(.axes, ours: "as the network takes them", [("frames and bands exchanged", transposed)]),
      HearingChanges(.bandOrder, ours: "as given", [("turned", turned(.bands))]),
      HearingChanges(.frameOrder, ours: "as given", [("turned", turned(.frames))]),
    ]
  }

  /// How the other program may have cut the patches.
  static func ofPatches(_ hearing: Hearing) -> [HearingChanges] {
    let patch = hearing.frontEnd.patch
    let hops = [patch.frames, patch.frames / 2, patch.frames / 4, patch.frames * 3 / 4, 1]
    return [
      HearingChanges(
        .patchHop, ours: "\(patch.hop)",
        patch.isFree
          ? [] : Set(hops).sorted().map { hop in ("\(hop)", hearing.changingPatch { $0.hop = hop }) }),
      choices(.patchTail, hearing, patch.tail) { $0.tail = $1 },
      choices(.patchFill, hearing, patch.fill) { $0.fill = $1 },
      HearingChanges(
        .padValue, ours: patch.padValue,
        common: patch.tail == .padFrames ? [0, -80, -100, Double(hearing.frontEnd.silence)] : [],
        spacing: .linear
      ) { value in hearing.changingPatch { $0.padValue = value } },
    ]
  }

  private static func choices<Choice: RawRepresentable<String> & CaseIterable>(
    _ setting: HearingSetting, _ hearing: Hearing, _ ours: Choice,
    _ edit: (inout FrontEnd.Patch, Choice) -> Void
  ) -> HearingChanges {
    HearingChanges(
      setting, ours: ours.rawValue,
      Choice.allCases.map { choice in (choice.rawValue, hearing.changingPatch { edit(&$0, choice) }) })
  }
}

import Audio

extension HearingChanges {
  private static let floors = [
    1e-20, 1e-16, 1e-14, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1.1920929e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1,
  ]
  private static let ranges = [30.0, 40, 50, 60, 70, 80, 90, 96, 100, 120]

  /// How the other program may have compressed the energies of bands.
  static func ofCompression(_ hearing: Hearing) -> [HearingChanges] {
    guard let analysis = hearing.frontEnd.analysis else { return [] }
    switch analysis.compression {
    case .log(let base, let scale, let offset, let floor):
      return ofLog(hearing, base, scale, offset, floor) + [ofAddedSteps(hearing)]
    case .decibels(let floor, let factor, let reference, let range):
      return ofDecibels(hearing, floor, factor, reference, range)
    case .none:
      let others: [(String, FrontEnd.Compression)] =
        floors.map { ("decibels above \(text($0))", .decibels(floor: $0)) }
        + floors.map {
          ("natural logarithm of it and \(text($0))", .log(base: .natural, scale: 1, offset: $0))
        }
      return [kinds(hearing, ours: "none", others), ofAddedSteps(hearing)]
    case .power, .pcen: return [kinds(hearing, ours: "as given", [("none", .none)])]
    }
  }

  private static func kinds(_ hearing: Hearing, ours: String, _ kinds: [(String, FrontEnd.Compression)])
    -> HearingChanges
  {
    HearingChanges(
      .compressionKind, ours: ours, kinds.map { ($0.0, hearing.changingCompression(to: $0.1)) })
  }

  private static func ofLog(
    _ hearing: Hearing, _ base: FrontEnd.Compression.LogBase, _ scale: Double, _ offset: Double,
    _ floor: Double
  ) -> [HearingChanges] {
    let least = max(offset, floor, 1e-10)
    var families = [
      HearingChanges(
        .compressionBase, ours: base.rawValue,
        FrontEnd.Compression.LogBase.allCases.map { other in
          (
            other.rawValue,
            hearing.changingCompression(to: .log(base: other, scale: scale, offset: offset, floor: floor))
          )
        }),
      kinds(
        hearing, ours: "log",
        [
          ("none", .none), ("decibels", .decibels(floor: least)),
          ("decibels of amplitudes", .decibels(floor: least, factor: 20)),
        ]),
    ]
    if offset > 0 {
      families.append(
        HearingChanges(.compressionOffset, ours: offset, common: floors, spacing: .logarithmic) { value in
          value > 0
            ? hearing.changingCompression(to: .log(base: base, scale: scale, offset: value, floor: floor))
            : nil
        })
      families.append(
        HearingChanges(
          .compressionFloor, ours: "\(text(offset)) added",
          [
            (
              "at least \(text(offset))",
              hearing.changingCompression(to: .log(base: base, scale: scale, offset: 0, floor: offset))
            )
          ]))
    }
    if floor > 0 {
      families.append(
        HearingChanges(.compressionFloor, ours: floor, common: floors, spacing: .logarithmic) { value in
          value > 0
            ? hearing.changingCompression(to: .log(base: base, scale: scale, offset: offset, floor: value))
            : nil
        })
      if offset == 0 {
        families.append(
          HearingChanges(
            .compressionOffset, ours: "at least \(text(floor))",
            floors.map { value in
              (
                "\(text(value)) added",
                hearing.changingCompression(to: .log(base: base, scale: scale, offset: value, floor: 0))
              )
            }))
      }
    }
    families.append(
      HearingChanges(
        .compressionScale, ours: scale,
        common: [1, 10, 100, 1000, 10000, 1e5, 1e6].flatMap { [$0, 1 / $0] },
        spacing: .logarithmic
      ) { value in
        value > 0
          ? hearing.changingCompression(to: .log(base: base, scale: value, offset: offset, floor: floor))
          : nil
      })
    return families
  }

  private static func ofDecibels(
    _ hearing: Hearing, _ floor: Double, _ factor: Double, _ reference: FrontEnd.Compression.Reference,
    _ range: Double?
  ) -> [HearingChanges] {
    let isMaximum = reference == .maximum
    var families = [
      HearingChanges(
        .compressionReference, ours: isMaximum ? "max" : "a value",
        [
          (
            isMaximum ? "1" : "max",
            hearing.changingCompression(
              to: .decibels(
                floor: floor, factor: factor, reference: isMaximum ? .value(1) : .maximum, range: range))
          )
        ]),
      HearingChanges(.compressionFactor, ours: factor, common: [5, 10, 20], spacing: .linear) { value in
        value > 0
          ? hearing.changingCompression(
            to: .decibels(floor: floor, factor: value, reference: reference, range: range)) : nil
      },
      kinds(
        hearing, ours: "decibels",
        [
          ("none", .none), ("natural logarithm", .log(base: .natural, scale: 1, offset: 0, floor: floor)),
          ("logarithm of base 10", .log(base: .ten, scale: 1, offset: 0, floor: floor)),
        ]
          + floors.map {
            ("natural logarithm of it and \(text($0))", .log(base: .natural, scale: 1, offset: $0))
          }),
      HearingChanges(.compressionFloor, ours: floor, common: floors, spacing: .logarithmic) { value in
        value > 0
          ? hearing.changingCompression(
            to: .decibels(floor: value, factor: factor, reference: reference, range: range)) : nil
      },
      HearingChanges(
        .compressionRange, ours: range.map(text) ?? "none",
        [
          (
            "none",
            hearing.changingCompression(to: .decibels(floor: floor, factor: factor, reference: reference))
          )
        ]),
      HearingChanges(.compressionRange, ours: range ?? 0, common: ranges, spacing: .linear) { value in
        value > 0
          ? hearing.changingCompression(
            to: .decibels(floor: floor, factor: factor, reference: reference, range: value)) : nil
      },
    ]
    if case .value(let value) = reference {
      families.append(
        HearingChanges(
          .compressionReference, ours: value,
          common: [1, 1e-12, 1e-10, 4e-10, 1e-5, 2e-5, 32768, 1_073_741_824],
          spacing: .logarithmic
        ) { value in
          value > 0
            ? hearing.changingCompression(
              to: .decibels(floor: floor, factor: factor, reference: .value(value), range: range)) : nil
        })
    }
    return families
  }

  /// What decibels often have besides, of logarithms that have it not: counted from the maximum, a bounded range.
  private static func ofAddedSteps(_ hearing: Hearing) -> HearingChanges {
    let steps = hearing.frontEnd.steps
    var changes: [HearingChange] = []
    func add(_ setting: HearingSetting, _ theirs: String, _ step: PictureStep) {
      guard let hearing = hearing.changing(steps: [step] + steps) else { return }
      changes.append(HearingChange(setting: setting, ours: "none", theirs: theirs, hearing: hearing))
    }
    if !steps.contains(.subtractMaximum) { add(.compressionReference, "max", .subtractMaximum) }
    if !steps.contains(where: { if case .raiseToRange = $0 { true } else { false } }) {
      for range in [8.0] + ranges { add(.compressionRange, text(range), .raiseToRange(range)) }
    }
    return HearingChanges(changes)
  }
}

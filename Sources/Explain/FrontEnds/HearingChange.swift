import Audio

/// One setting changed: what a network would be given if another program differed in this alone.
public struct HearingChange: Sendable {
  public let setting: HearingSetting
  /// The setting here, and as the other program would have it.
  public let ours: String
  public let theirs: String
  public let hearing: Hearing
}

/// The values that one setting may have in another program.
struct HearingChanges: Sendable {
  let changes: [HearingChange]
  /// Where the values are numbers, and what is not among those may be, too.
  var dial: Dial?

  /// A setting that is a number.
  struct Dial: Sendable {
    enum Spacing: Sendable { case linear, logarithmic, integer }

    let setting: HearingSetting
    let ours: Double
    /// The values of the changes, in their order.
    let values: [Double]
    let spacing: Spacing
    let make: @Sendable (Double) -> Hearing?

    /// nil where that value cannot be.
    func change(to value: Double) -> HearingChange? {
      make(value).map { hearing in
        HearingChange(setting: setting, ours: Self.text(ours), theirs: Self.text(value), hearing: hearing)
      }
    }

    /// Four digits, and whole numbers in full.
    static func text(_ value: Double) -> String { HearingChanges.text(value) }
  }

  init(_ changes: [HearingChange]) { self.changes = changes }

  /// A choice among named values, of which our own and those that cannot be are left out.
  init(
    _ setting: HearingSetting, ours: String,
    _ candidates: [(theirs: String, hearing: Hearing?)]
  ) {
    changes = candidates.compactMap { theirs, hearing in
      guard theirs != ours, let hearing else { return nil }
      return HearingChange(setting: setting, ours: ours, theirs: theirs, hearing: hearing)
    }
  }

  /// A number, with what is common to try.
  init(
    _ setting: HearingSetting, ours: Double, common: [Double], spacing: Dial.Spacing,
    _ make: @escaping @Sendable (Double) -> Hearing?
  ) {
    var (values, changes) = ([Double](), [HearingChange]())
    for value in Set(common).sorted() where value != ours {
      guard let hearing = make(value) else { continue }
      values.append(value)
      changes.append(
        HearingChange(
          setting: setting, ours: Self.text(ours), theirs: Self.text(value), hearing: hearing))
    }
    self.changes = changes
    dial = Dial(setting: setting, ours: ours, values: values, spacing: spacing, make: make)
  }

  /// All that is tried, in the order of how often it goes wrong: of changes that explain a difference equally well the first
  /// is named.
  static func all(of hearing: Hearing, for sound: HeardSound, theirs: PatchExtents?) -> [HearingChanges] {
    ofAxes(hearing) + ofReading(hearing, sound) + ofSamples(hearing)
      + ofFrames(hearing) + ofBands(hearing, theirs: theirs) + ofCompression(hearing)
      + ofSteps(hearing) + ofPatches(hearing)
  }
}

extension Hearing {
  /// The same with another front end; nil where that cannot be.
  func changing(
    sampleRate: Int? = nil, sound: FrontEnd.Sound? = nil, analysis: FrontEnd.Analysis? = nil,
    steps: [PictureStep]? = nil, patch: FrontEnd.Patch? = nil
  ) -> Hearing? {
    guard
      let frontEnd = try? FrontEnd(
        sampleRate: sampleRate ?? frontEnd.sampleRate, sound: sound ?? frontEnd.sound,
        analysis: analysis ?? frontEnd.analysis, steps: steps ?? frontEnd.steps,
        patch: patch ?? frontEnd.patch)
    else { return nil }
    var hearing = self
    hearing.frontEnd = frontEnd
    return hearing
  }

  func changingSound(_ edit: (inout FrontEnd.Sound) -> Void) -> Hearing? {
    var sound = frontEnd.sound
    edit(&sound)
    return changing(sound: sound)
  }

  func changingAnalysis(_ edit: (inout FrontEnd.Analysis) -> Void) -> Hearing? {
    guard var analysis = frontEnd.analysis else { return nil }
    edit(&analysis)
    return changing(analysis: analysis)
  }

  func changingPatch(_ edit: (inout FrontEnd.Patch) -> Void) -> Hearing? {
    var patch = frontEnd.patch
    edit(&patch)
    return changing(patch: patch)
  }

  func changingCompression(to compression: FrontEnd.Compression) -> Hearing? {
    changingAnalysis { $0.compression = compression }
  }

  /// - Parameters: what is left out stays as it is.
  func changingMel(
    lowest: Double? = nil, highest: Double? = nil, bands: Int? = nil, scale: MelScale? = nil,
    norm: FrontEnd.Mel.Norm? = nil, construction: FrontEnd.Mel.Construction? = nil
  ) -> Hearing? {
    guard let mel = frontEnd.mel else { return nil }
    return changingAnalysis { analysis in
      analysis.bands = .mel(
        FrontEnd.Mel(
          bands: bands ?? mel.bands, lowest: lowest ?? mel.lowest, highest: highest ?? mel.highest,
          scale: scale ?? mel.scale, norm: norm ?? mel.norm, construction: construction ?? mel.construction))
    }
  }
}

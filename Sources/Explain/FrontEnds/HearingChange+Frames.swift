import Audio

extension HearingChanges {
  /// How the other program may have cut the sound into frames and transformed them.
  static func ofFrames(_ hearing: Hearing) -> [HearingChanges] {
    guard let analysis = hearing.frontEnd.analysis else { return [] }
    return [
      framing(hearing, analysis), padding(hearing, analysis),
      spectrum(hearing, analysis),
      choices(.windowShape, hearing, analysis.windowShape) { $0.windowShape = $1 },
      choices(.windowSymmetry, hearing, analysis.windowSymmetry) { $0.windowSymmetry = $1 },
      sizes(.hop, hearing, analysis.hop, common: hops(analysis)) { $0.hop = $1 },
      sizes(.window, hearing, analysis.window, common: windows(analysis)) { $0.window = $1 },
      sizes(.fft, hearing, analysis.fft, common: transforms(analysis)) { $0.fft = $1 },
      choices(.windowScaling, hearing, analysis.windowScaling) { $0.windowScaling = $1 },
      toggle(.frameMeanRemoval, hearing, analysis.removesFrameMean) { $0.removesFrameMean = $1 },
      toggle(.lastFrame, hearing, analysis.dropsLastFrame) { $0.dropsLastFrame = $1 },
      HearingChanges(
        .framePreEmphasis, ours: analysis.framePreEmphasis, common: [0, 0.9, 0.95, 0.97, 0.98],
        spacing: .linear
      ) { value in
        guard (0...1).contains(value) else { return nil }
        return hearing.changingAnalysis { $0.framePreEmphasis = value }
      },
    ]
  }

  private static func framing(_ hearing: Hearing, _ analysis: FrontEnd.Analysis) -> HearingChanges {
    func name(_ framing: FrontEnd.Framing, _ padding: FrontEnd.Padding) -> String {
      padding == .none
        ? framing.rawValue : "\(framing.rawValue), padding \(padding.rawValue)"
    }
    let kinds: [(FrontEnd.Framing, FrontEnd.Padding)] = [
      (.fromStart, .none), (.centred, .constant), (.centred, .reflect), (.fromStart, .constant),
      (.insideTransform, .none), (.hopCentred, .symmetric), (.centred, .edge), (.centred, .symmetric),
    ]
    return HearingChanges(
      .framing, ours: name(analysis.framing, analysis.padding),
      kinds.filter { $0.0 != analysis.framing || analysis.framing == .fromStart }.map { framing, padding in
        (
          name(framing, padding),
          hearing.changingAnalysis { ($0.framing, $0.padding) = (framing, padding) }
        )
      })
  }

  private static func padding(_ hearing: Hearing, _ analysis: FrontEnd.Analysis) -> HearingChanges {
    guard analysis.padding != .none else { return HearingChanges([]) }
    return choices(.padding, hearing, analysis.padding) { $0.padding = $1 }
  }

  private static func spectrum(_ hearing: Hearing, _ analysis: FrontEnd.Analysis) -> HearingChanges {
    func name(_ spectrum: FrontEnd.Spectrum) -> String {
      switch spectrum {
      case .magnitude: "magnitude"
      case .power: "power"
      default: text(spectrum.exponent)
      }
    }
    let kinds: [FrontEnd.Spectrum] = [.magnitude, .power, .init(exponent: 4), .init(exponent: 0.5)]
    return HearingChanges(
      .spectrum, ours: name(analysis.spectrum),
      kinds.map { kind in (name(kind), hearing.changingAnalysis { $0.spectrum = kind }) })
  }

  /// Ten milliseconds, quarters and halves of windows, and what halves and doubles.
  private static func hops(_ analysis: FrontEnd.Analysis) -> [Int] {
    let (hop, window, fft) = (analysis.hop, analysis.window, analysis.fft)
    return [
      hop / 2, hop * 2, hop / 4, hop * 4, hop * 3 / 4, hop * 5 / 4, hop + 1, hop - 1, window, window / 2,
      window / 4, fft / 2, fft / 4, 80, 128, 160, 200, 220, 221, 240, 242, 256, 320, 400, 441, 480, 512,
    ]
  }

  private static func windows(_ analysis: FrontEnd.Analysis) -> [Int] {
    let (window, fft) = (analysis.window, analysis.fft)
    return [
      fft, window / 2, window * 2, window * 3 / 4, window - 1, window + 1, fft / 2, fft * 3 / 4, 320, 400,
      480, 512, 551, 552, 640, 800, 882, 1024, 1102, 1103, 2048,
    ]
  }

  private static func transforms(_ analysis: FrontEnd.Analysis) -> [Int] {
    [analysis.window, 256, 400, 512, 800, 1024, 2048, 4096, analysis.fft * 2, analysis.fft / 2]
  }

  /// Of a size only common values are tried: between them nothing is gradual.
  private static func sizes(
    _ setting: HearingSetting, _ hearing: Hearing, _ ours: Int, common: [Int],
    _ edit: @escaping @Sendable (inout FrontEnd.Analysis, Int) -> Void
  ) -> HearingChanges {
    HearingChanges(
      setting, ours: "\(ours)",
      Set(common).sorted().map { size in ("\(size)", hearing.changingAnalysis { edit(&$0, size) }) })
  }

  static func choices<Choice: RawRepresentable<String> & CaseIterable>(
    _ setting: HearingSetting, _ hearing: Hearing, _ ours: Choice,
    _ edit: (inout FrontEnd.Analysis, Choice) -> Void
  ) -> HearingChanges {
    HearingChanges(
      setting, ours: ours.rawValue,
      Choice.allCases.map { choice in (choice.rawValue, hearing.changingAnalysis { edit(&$0, choice) }) })
  }

  private static func toggle(
    _ setting: HearingSetting, _ hearing: Hearing, _ ours: Bool,
    _ edit: (inout FrontEnd.Analysis, Bool) -> Void
  ) -> HearingChanges {
    HearingChanges(
      setting, ours: "\(ours)", [("\(!ours)", hearing.changingAnalysis { edit(&$0, !ours) })])
  }
}

import Explain
package import Figures
import Files
package import Train

/// The evidence of a class over frequency and time, with what is suspect marked.
package struct ShortcutFigures: Sendable {
  private let report: ShortcutReport
  private let evidence: ClassEvidence
  private let bandCentres: [Double]
  private let seed: UInt64

  /// - Parameter bandCentres: of the model's picture, in hertz.
  package init(_ evidence: ClassEvidence, of report: ShortcutReport, bandCentres: [Double], seed: UInt64) {
    (self.report, self.evidence, self.seed) = (report, evidence, seed)
    self.bandCentres = Array(bandCentres.prefix(report.slices.bandCount))
  }

  private var own: [Shortcut] { report.shortcuts.filter { $0.classes == [evidence.name] } }

  /// Over bands: what is lost without each, in this class and in others, and where its energy lies.
  package var overBands: CurveFigure {
    let slices = report.slices
    func curve(_ name: String, _ values: [Double]) -> CurveFigure.Series {
      CurveFigure.Series(
        name: name, points: zip(bandCentres, values).map { CurveFigure.Point(x: $0, y: 100 * $1) })
    }
    func loss(_ drop: (PicturePart) -> Double) -> [Double] {
      slices.overBands(slices.ranges.indices.map { drop(.band($0)) })
    }
    var figure = CurveFigure(
      title: "\(evidence.name): what its probability loses without a band",
      caption:
        "Mean over \(evidence.clips) clips that are right. A band is replaced by what its neighbours suggest, about "
        + "\(slices.ranges.count) slices that overlap by half. Energy: the share of the clips' energy in a slice.",
      x: CurveFigure.Axis(title: "frequency (Hz, mel spacing)", bandCentres: bandCentres),
      y: CurveFigure.Axis(title: "share (%)"),
      series: [
        curve("this class", loss { evidence.drop($0) }),
        curve("other classes", loss { evidence.dropsOfOthers[$0] ?? 0 }),
        curve("energy of this class", slices.overBands(evidence.energy)),
      ])
    figure.marks = own.filter { $0.kind == .band || $0.kind == .ceiling }.compactMap { shortcut in
      shortcut.band.map { .init($0, label: shortcut.tone == nil ? "suspect" : "suspect: a tone") }
    }
    return figure
  }

  /// Over the clip's length: where the gradient lies.
  package var overTime: CurveFigure {
    let width = 100 / Double(AverageEvidence.moments)
    var figure = CurveFigure(
      title: "\(evidence.name): where in the clip its evidence lies",
      caption:
        "Saliency (the magnitude of the score's gradient), mean over \(evidence.saliency.clips) clips with its 95 % interval.",
      x: CurveFigure.Axis(title: "time (% of the clip)", range: 0...100),
      y: CurveFigure.Axis(title: "share of the evidence (%)"),
      series: [
        CurveFigure.Series(
          name: "saliency",
          points: evidence.saliency.overTime(seed: seed).enumerated().map { place, share in
            CurveFigure.Point(
              x: (Double(place) + 0.5) * width, y: 100 * share.value, low: 100 * share.low,
              high: 100 * share.high)
          })
      ])
    let thirds = (0..<3).filter { third in
      own.contains { $0.kind == .moment && $0.drop == evidence.drops[.third(third)] }
    }
    figure.marks = thirds.map { .init(Double($0) * 100 / 3...Double($0 + 1) * 100 / 3, label: "suspect") }
    return figure
  }
}

extension ShortcutReport {
  /// `shortcuts.csv`: what each class loses without each part of its clips, with its 95 % interval, and what others lose.
  package var table: String {
    func number(_ value: Double?) -> String { value.map { NumberText.rounded($0, digits: 5) } ?? "" }
    var text = CommaSeparated.line(
      [
        "class", "clips", "part", "low_hz", "high_hz", "drop", "drop_low", "drop_high", "drop_of_others",
        "energy",
      ])
    for evidence in classes {
      for (name, part, slice) in parts {
        guard let drop = evidence.drops[part] else { continue }
        let range = slice.map { slices.hertz[$0] }
        text += CommaSeparated.line(
          [evidence.name, "\(evidence.clips)", name, number(range?.lowerBound), number(range?.upperBound)]
            + [
              drop.value, drop.low, drop.high, evidence.dropsOfOthers[part],
              slice.map { evidence.energy[$0] },
            ]
            .map(number))
      }
    }
    return text
  }

  private var parts: [(name: String, part: PicturePart, slice: Int?)] {
    slices.ranges.indices.map { ("band", .band($0), $0) }
      + [
        ("padding", .padding, nil), ("gaps", .silence, nil), ("first third", .third(0), nil),
        ("middle third", .third(1), nil), ("last third", .third(2), nil),
        ("above the ceiling", .ceiling, nil),
      ]
  }
}

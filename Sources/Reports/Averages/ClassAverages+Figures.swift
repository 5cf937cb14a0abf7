package import Explain
package import Figures
import Files
package import Models

extension ClassAverages.Entry {
  /// The files, without the ends of their names.
  package func base(slug: String) -> String {
    "\(slug).\(method.name)\(domain == .logMel ? "" : ".\(domain.rawValue)").average"
  }

  private func caption(_ model: AudioModel) -> String {
    let empty = evidence.empty == 0 ? "" : " (\(evidence.empty) more are zero everywhere)"
    return
      "\(title) of \(model.name): mean over the \(evidence.clips) clips\(empty) explained for \(question.label), "
      + "each counting the same, with its 95 % interval (bootstrap over clips). Shares are of the attribution's "
      + "magnitude, what speaks against the class counting as what speaks for it."
      + (evidence.clips < 6 ? " Of so few clips an interval says little." : "")
  }

  /// Over bands; nil where the domain has none.
  package func bandFigure(_ model: AudioModel, seed: UInt64) -> CurveFigure? {
    guard bandCentres.count > 1 else { return nil }
    return figure(
      "which bands hold the evidence", model,
      x: CurveFigure.Axis(title: "frequency (Hz, mel spacing)", bandCentres: bandCentres), unit: "% a band",
      Array(zip(bandCentres, evidence.overBands(seed: seed))))
  }

  package func timeFigure(_ model: AudioModel, seed: UInt64) -> CurveFigure {
    let width = 100 / Double(AverageEvidence.moments)
    let moments = evidence.overTime(seed: seed).enumerated().map {
      ((Double($0.offset) + 0.5) * width, $0.element)
    }
    return figure(
      "which part of the clip holds the evidence", model,
      x: CurveFigure.Axis(title: "time (% of the clip)", range: 0...100),
      unit: "% in \(Int(width)) % of time",
      moments)
  }

  /// A curve of shares, beside what each would be if all were the same.
  private func figure(
    _ words: String, _ model: AudioModel, x: CurveFigure.Axis, unit: String,
    _ points: [(Double, Bootstrap.Estimate)]
  ) -> CurveFigure {
    let even = 100 / Double(max(1, points.count))
    let highest = points.reduce(even) { max($0, 100 * $1.1.high) }
    return CurveFigure(
      title: "\(question.label): \(words)", caption: caption(model), x: x,
      y: CurveFigure.Axis(title: "share of the evidence (\(unit))", range: 0...1.08 * highest),
      series: [
        CurveFigure.Series(
          name: "mean of \(evidence.clips)",
          points: points.map { x, share in
            CurveFigure.Point(x: x, y: 100 * share.value, low: 100 * share.low, high: 100 * share.high)
          }),
        CurveFigure.Series(name: "evenly spread", points: points.map { CurveFigure.Point(x: $0.0, y: even) }),
      ])
  }

  /// A row for each band, octave and moment.
  package func table(seed: UInt64) -> String {
    var lines = ["part,at,unit,share,low,high"]
    func add(_ part: String, _ place: Double, _ unit: String, _ share: Bootstrap.Estimate) {
      let numbers = [share.value, share.low, share.high].map { NumberText.rounded($0, digits: 7) }
      lines.append(
        "\(part),\(NumberText.rounded(place, digits: 7)),\(unit),\(numbers.joined(separator: ","))")
    }
    for (centre, share) in zip(bandCentres, evidence.overBands(seed: seed)) {
      add("band", centre, "Hz", share)
    }
    for (centre, share) in evidence.overOctaves(seed: seed) { add("octave", centre, "Hz", share) }
    for (place, share) in evidence.overTime(seed: seed).enumerated() {
      add("time", (Double(place) + 0.5) / Double(AverageEvidence.moments), "of the clip", share)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// "1000 Hz 43 % (38–48), 2000 Hz 21 % (17–26)": the octaves that hold a twentieth or more, the largest first.
  package func largestOctaves(seed: UInt64) -> String {
    func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))" }
    return evidence.overOctaves(seed: seed).filter { $0.share.value >= 0.05 }
      .sorted { $0.share.value > $1.share.value }
      .map { centre, share in
        "\(NumberText.rounded(centre, digits: 3)) Hz \(percent(share.value)) % (\(percent(share.low))–\(percent(share.high)))"
      }.joined(separator: ", ")
  }
}

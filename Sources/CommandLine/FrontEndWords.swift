import Explain
import Files
import Reports

/// What a person is told of a front end.
struct FrontEndWords {
  let lines: [String]

  init(_ record: FrontEndRecord) {
    var lines = [Self.given(record)]
    if let comparison = record.comparison {
      lines.append(Self.difference(comparison))
      lines += Self.verdict(
        comparison.verdict, comparison.culprits, comparison.nearest, tried: comparison.tried)
    }
    if let scores = record.scores {
      lines.append("their scores differ from ours by up to \(Self.share(scores.share)) of their range")
      lines += Self.verdict(scores.verdict, scores.culprits, scores.nearest, tried: scores.tried)
    }
    self.lines = lines
  }

  private static func given(_ record: FrontEndRecord) -> String {
    let sound = record.sound == "-" ? "standard input" : record.sound
    let channels = record.channels > 1 ? "\(record.channels) channels of " : ""
    let picture =
      record.bands > 1 ? "\(record.frames) frames x \(record.bands) bands" : "\(record.frames) samples"
    let patches = record.patches == 1 ? "1 patch" : "\(record.patches) patches"
    return "\(sound): \(patches) of \(channels)\(picture) at \(record.sampleRate) Hz, values from "
      + "\(text(Double(record.lowest))) to \(text(Double(record.highest)))"
  }

  private static func difference(_ comparison: ComparisonRecord) -> String {
    let hertz = comparison.hertz.map { ", \(text($0)) Hz" } ?? ""
    let shapes =
      comparison.shapes[0] == comparison.shapes[1]
      ? "" : "; ours has \(shape(comparison.shapes[0])), theirs \(shape(comparison.shapes[1]))"
    return
      "largest difference: \(text(comparison.difference)), \(share(comparison.share)) of the range, in patch "
      + "\(comparison.patch + 1) at \(text(comparison.seconds)) s\(hertz): ours \(text(Double(comparison.ours))), theirs "
      + "\(text(Double(comparison.theirs)))\(shapes)"
  }

  private static func verdict(
    _ verdict: CulpritSearch.Verdict, _ culprits: [CulpritRecord], _ nearest: [CulpritRecord], tried: Int
  ) -> [String] {
    switch verdict {
    case .agrees: return ["they agree"]
    case .culprit:
      return culprits.enumerated().map { number, culprit in
        "\(number == 0 ? "culprit" : "or as well"): \(words(culprit))"
      }
    case .noneAlone:
      let best = nearest.first.map { "; the nearest is \(words($0))" } ?? ""
      return ["culprit: none alone, of \(tried) changes tried\(best)"]
    }
  }

  private static func words(_ culprit: CulpritRecord) -> String {
    "\"\(culprit.setting.rawValue)\", here \(culprit.ours), there as if \(culprit.theirs) (left: "
      + "\(share(culprit.remaining)) of the range)"
  }

  private static func shape(_ extents: [Int]) -> String {
    zip(extents, ["patches", "channels", "frames", "bands"]).map { "\($0) \($1)" }.joined(separator: " x ")
  }

  private static func share(_ share: Double?) -> String {
    guard let share else { return "all" }
    return share >= 0.001
      ? "\(NumberText.rounded(share * 100, digits: 3)) %" : NumberText.rounded(share, digits: 2)
  }

  private static func text(_ value: Double) -> String { NumberText.rounded(value, digits: 4) }
}

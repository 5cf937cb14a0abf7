import Explain
import Figures
import Files
import Models

extension ClassAverages {
  /// What a page, `report.json` and standard output tell of the averages.
  struct Written {
    var sections: [Report.Average] = []
    var records: [JSON] = []
  }

  /// Writes the pictures and tables of all averages into `folder`.
  ///
  /// - Parameter progress: called with the averages done and their number.
  func write(
    to folder: String, of model: AudioModel, seed: UInt64, progress: (Int, Int) -> Void
  ) throws -> Written {
    let averages = averages
    var targets: [Target] = []
    for entry in averages where !targets.contains(where: { $0.isSame(as: entry.target) }) {
      targets.append(entry.target)
    }
    let slugs = ExplanationRun.slugs(of: targets)
    var written = Written()
    var done = 0
    for target in targets {
      let entries = averages.filter { $0.target.isSame(as: target) }
      var section = Report.Average(
        title: "Which bands make it say “\(target.label)”?", clips: entries.map(\.evidence.clips).max() ?? 0)
      for entry in entries {
        progress(done, averages.count)
        done += 1
        let base = entry.base(slug: slugs[target] ?? "class")
        let (bands, time) = (entry.bandFigure(model, seed: seed), entry.timeFigure(model, seed: seed))
        var files: [String] = []
        for (figure, ending) in [(bands, ""), (time, bands == nil ? "" : ".time")] {
          guard let figure else { continue }
          try WholeFile.write(figure.png(), to: "\(folder)/\(base)\(ending).png")
          try WholeFile.write(figure.svg(), to: "\(folder)/\(base)\(ending).svg")
          files += ["\(base)\(ending).png", "\(base)\(ending).svg"]
        }
        try WholeFile.write(Array(entry.table(seed: seed).utf8), to: "\(folder)/\(base).csv")
        files.append("\(base).csv")
        written.records.append(entry.record(seed: seed, files: files))
        let octaves = entry.largestOctaves(seed: seed)
        section.methods.append(
          Report.Average.Method(
            name: entry.title, pictures: try [bands, time].compactMap { try $0?.picture(scale: 1.5) },
            parameters: [Report.Parameter("Clips", "\(entry.evidence.clips)")]
              + (octaves.isEmpty
                ? [] : [Report.Parameter("Evidence by octave, with 95 % intervals", octaves)])))
      }
      written.sections.append(section)
    }
    return written
  }
}

extension Target {
  /// Whether the same is asked, of whatever clip.
  fileprivate func isSame(as other: Target) -> Bool {
    index == other.index && against == other.against && label == other.label
  }
}

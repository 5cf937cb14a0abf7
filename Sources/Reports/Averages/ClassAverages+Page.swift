package import Explain
package import Figures
import Files
package import Models

extension ClassAverages {
  /// What a page, `report.json` and standard output tell of the averages.
  package struct Written {
    package var sections: [Report.Average] = []
    package var records: [JSON] = []
  }

  /// Writes the pictures and tables of all averages into `folder`.
  ///
  /// - Parameter progress: called with the averages done and their number.
  package func write(
    to folder: String, of model: AudioModel, seed: UInt64, progress: (Int, Int) -> Void
  ) throws -> Written {
    let averages = averages
    let slugs = FileNames.slugs(of: averages.map { $0[0].question })
    let count = averages.reduce(0) { $0 + $1.count }
    var written = Written()
    var done = 0
    for entries in averages {
      let question = entries[0].question
      var section = Report.Average(
        title: Self.title(question), clips: entries.map(\.evidence.clips).max() ?? 0)
      for entry in entries {
        progress(done, count)
        done += 1
        let base = entry.base(slug: slugs[question] ?? "class")
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

  private static func title(_ question: Question) -> String {
    switch question {
    case .target: "Which bands make it say “\(question.label)”?"
    case .embedding: "Which bands make the \(question.label)?"
    }
  }
}

package import Explain
package import Figures
package import Models

extension ClassAverages {
  /// What a page, `report.json` and standard output tell of the averages.
  package struct Written: Sendable {
    package var sections: [Report.Average] = []
    package var records: [AverageRecord] = []

    package init() {}
  }

  /// Writes the pictures and tables of all averages.
  ///
  /// - Parameter control: told the averages done.
  package func write(
    to store: any ResultStore, of model: AudioModel, seed: UInt64, control: RunControl
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
        try control.report(done, of: count)
        done += 1
        let base = entry.base(slug: slugs[question] ?? "class")
        let (bands, time) = (entry.bandFigure(model, seed: seed), entry.timeFigure(model, seed: seed))
        var files: [String] = []
        for (figure, ending) in [(bands, ""), (time, bands == nil ? "" : ".time")] {
          guard let figure else { continue }
          try store.write(figure.png(), to: "\(base)\(ending).png")
          try store.write(figure.svg(), to: "\(base)\(ending).svg")
          files += ["\(base)\(ending).png", "\(base)\(ending).svg"]
        }
        try store.write(Array(entry.table(seed: seed).utf8), to: "\(base).csv")
        files.append("\(base).csv")
        written.records.append(AverageRecord(entry, seed: seed, files: files))
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

import Audio
package import Catalogue
import Figures
import Files
package import Tensors

/// A channel's strongest places as sheets and a page.
package struct ChannelPage {
  private let record: ExcerptsRecord
  private let model: String
  private let view: ExcerptView
  private let excerpts: [(exemplar: Exemplar, picture: Tensor)]

  package init(
    _ record: ExcerptsRecord, model: String, _ view: ExcerptView,
    _ excerpts: [(exemplar: Exemplar, picture: Tensor)]
  ) {
    (self.record, self.model, self.view, self.excerpts) = (record, model, view, excerpts)
  }

  private var name: String { "channel \(record.channel) of \(record.layer)" }

  /// All excerpts on one sheet.
  private var sheet: SheetFigure {
    var sheet = SheetFigure(
      cells: excerpts.map { cell($0.exemplar, $0.picture) },
      title: "Where \(name) of \(model) is strongest", valueLabel: view.valueLabel)
    sheet.reading = .level
    sheet.acrossLabel = "seconds from the middle"
    sheet.caption =
      "The frame is what the place sees: \(NumberText.rounded(record.seenSeconds, digits: 3)) s, less at a sound's ends. At "
      + "the right, the activation. Beyond a sound's ends stands its lowest value."
    return sheet
  }

  /// The mean of all excerpts.
  private var mean: SheetFigure {
    var sheet = SheetFigure(
      cells: [
        .init(
          meanPicture, start: -view.reach, hop: view.hop, bandCentres: view.bandCentres,
          title: "mean of \(excerpts.count) excerpts")
      ], title: "What \(name) has in common", valueLabel: view.valueLabel)
    sheet.reading = .level
    sheet.acrossLabel = "seconds from the middle"
    return sheet
  }

  private var meanPicture: Tensor {
    let count = Float(max(1, excerpts.count))
    var sums = Tensor([view.frames, view.bandCentres.count])
    sums.withUnsafeMutableValues { sums in
      for excerpt in excerpts {
        excerpt.picture.withUnsafeValues { values in
          for place in sums.indices { sums[place] += values[place] / count }
        }
      }
    }
    return sums
  }

  private func cell(_ exemplar: Exemplar, _ picture: Tensor) -> SheetFigure.Cell {
    let centre = (exemplar.start + exemplar.end) / 2
    var cell = SheetFigure.Cell(
      picture, start: -view.reach, hop: view.hop, bandCentres: view.bandCentres, title: shortTitle(exemplar),
      note: NumberText.rounded(Double(exemplar.value), digits: 3))
    cell.regions = [
      TimeFrequencyFigure.Region(
        start: exemplar.start - centre, end: exemplar.end - centre, low: exemplar.low, high: exemplar.high)
    ]
    return cell
  }

  private func shortTitle(_ exemplar: Exemplar) -> String {
    let name = exemplar.file.label ?? Clip.stem(of: PathText.shown(Folder.name(of: exemplar.file.path)))
    return "\(exemplar.rank + 1) \(name.onOneLine)"
  }

  private func title(_ exemplar: Exemplar) -> String {
    let file = PathText.shown(Folder.name(of: exemplar.file.path)).onOneLine
    return "\(exemplar.rank + 1) \(exemplar.file.label.map { "\($0.onOneLine): " } ?? "")\(file)"
  }

  /// What the classes of the strongest places say, a sentence each.
  private var words: [String] {
    if record.isConstant {
      return ["This channel has the same value everywhere: its places are the first ones, and mean nothing."]
    }
    return record.classes.prefix(3).map { share in
      "\(share.excerpts) of \(record.patches.count) excerpts are \(share.label), from \(share.found) of \(share.drawn) recordings; "
        + "\(NumberText.rounded((share.expected * 10).rounded() / 10, digits: 3)) are expected by chance "
        + "(p \(share.probability < 0.001 ? "< .001" : "= \(NumberText.rounded(share.probability, digits: 2))"))."
    }
  }

  /// The sheets as pictures of their own, by name.
  package func pictures() throws -> [(name: String, bytes: [UInt8])] {
    [
      ("excerpts.png", try sheet.png()), ("excerpts.svg", try sheet.svg()), ("mean.png", try mean.png()),
      ("mean.svg", try mean.svg()),
    ]
  }

  /// The page, with the sheets in it and the sounds beside it.
  package func html(command: String) throws -> String {
    let lead = [
      "The \(record.patches.count) places of the catalogue where this channel's activation was largest, the strongest first. "
        + "Each is heard with a little of what is around it."
    ]
    let note =
      "A class's p is Fisher's exact test for so many recordings of it or more, times the number of classes found (clips of one "
      + "recording count once). The catalogue's \(record.classes.first?.all ?? 0) labelled recordings are the population."
    var sections = [
      Gallery.Section(
        title: "Strongest excerpts", notes: words,
        items: [
          Gallery.Item(
            pictures: [try sheet.picture(), try mean.picture()])
        ])
    ]
    if !record.classes.isEmpty {
      sections.append(
        Gallery.Section(
          title: "Classes", notes: [note],
          items: [
            Gallery.Item(
              parameters: record.classes.map { share in
                .init(
                  share.label,
                  "\(share.found) of \(share.drawn); by chance \(NumberText.rounded(share.expected, digits: 2)); p "
                    + NumberText.rounded(share.probability, digits: 2))
              })
          ]))
    }
    sections.append(
      Gallery.Section(
        title: "Sounds",
        items: zip(record.patches, excerpts).map { patch, excerpt in
          Gallery.Item(
            title: title(excerpt.exemplar),
            subtitle:
              "\(NumberText.hundredths(patch.start)) to \(NumberText.hundredths(patch.end)) s, "
              + "\(Int(patch.low)) to \(Int(patch.high)) Hz, activation \(NumberText.rounded(patch.value, digits: 3))",
            sounds: [.init("Excerpt", .linked(patch.sound))])
        }))
    return Gallery(
      ReportHeader(title: name, model: model, request: command).page(lead), sections: sections
    ).html()
  }
}

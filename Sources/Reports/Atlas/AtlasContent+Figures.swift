package import Figures
import Tensors

extension AtlasContent {
  /// The map as a picture.
  package var figure: ScatterFigure {
    let points = entries.indices.map {
      ScatterFigure.Point(Double(coordinates[$0, 0]), Double(coordinates[$0, 1]))
    }
    let colouring: ScatterFigure.Colouring =
      switch (self.colouring, unit) {
      case (.unit, .some(let unit)): .values(unit.values, label: unit.name)
      case (.group, _) where !classes.isEmpty: .groups(names: classes, of: classOfEntry.map { $0 ?? -1 })
      default: .colours(entries.indices.map(colour), meaning: Self.colourMeaning)
      }
    return ScatterFigure(title: title, caption: caption, points: points, colouring: colouring)
  }

  func colour(_ index: Int) -> Color {
    func channel(_ place: Int) -> UInt8 { UInt8(min(max(colours[index, place], 0), 1) * 255) }
    return Color(channel(0), channel(1), channel(2))
  }

  static let colourMeaning = "like colours: near each other along the first three principal components"

  /// The map as a page.
  ///
  /// - Parameters:
  ///   - previews: of each sound.
  ///   - notes: what is to be said besides.
  package func page(_ header: ReportHeader, previews: [AtlasPreview], picture: [UInt8], notes: [String])
    -> AtlasPage
  {
    let figure = figure
    let groups = classOfEntry
    return AtlasPage(
      ReportHeader(title: title, model: model, request: header.request, date: header.date)
        .page([caption] + notes),
      picture: picture, alternative: figure.alternativeText, groups: classes,
      points: entries.enumerated().map { index, entry in
        AtlasPage.Point(
          x: Double(coordinates[index, 0]), y: Double(coordinates[index, 1]), name: entry.name,
          group: groups[index], value: unit?.values[index], colour: colour(index), seconds: entry.seconds,
          thumbnail: previews[index].thumbnail, sound: previews[index].sound)
      },
      valueLabel: unit?.name, colourMeaning: Self.colourMeaning,
      colouring: colouring == .unit && unit != nil
        ? .value : colouring == .group && !classes.isEmpty ? .group : .colour)
  }
}

/// What is seen and heard of one sound of a map.
package struct AtlasPreview: Sendable {
  /// A PNG.
  package var thumbnail: [UInt8]?
  package var sound: AudioSource?

  package init(thumbnail: [UInt8]? = nil, sound: AudioSource? = nil) {
    (self.thumbnail, self.sound) = (thumbnail, sound)
  }
}

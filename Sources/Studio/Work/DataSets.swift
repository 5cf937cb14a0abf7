import Files
import HTTPTypes

extension StudioSettings {
  /// The names by which visitors mean the data sets: those of their folders, numbered where two are alike.
  var dataSetNames: [String] {
    var taken: Set<String> = []
    return dataSets.map { path in
      let name = PathText.shown(Folder.name(of: path))
      var candidate = name
      var number = 2
      while !taken.insert(candidate).inserted {
        candidate = "\(name) (\(number))"
        number += 1
      }
      return candidate
    }
  }

  /// The path of the data set of that name.
  ///
  /// - Throws: `StudioFailure` for one that the studio was not begun with.
  func dataSet(named name: String) throws(StudioFailure) -> String {
    guard let place = dataSetNames.firstIndex(of: name) else {
      throw StudioFailure(
        .badRequest, "there is no data set '\(name)'",
        remedy: dataSets.isEmpty
          ? "start the studio with one: otoscope serve --data-set FOLDER"
          : "name one of these: \(dataSetNames.joined(separator: ", "))")
    }
    return dataSets[place]
  }
}

import GRDB

extension Catalogue {
  /// The places where a channel was strongest, the strongest first; equal ones in the order of files, then of places.
  ///
  /// Places of removed files are left out.
  ///
  /// - Throws: `CatalogueError.noChannel`.
  package func exemplars(of layer: CatalogueLayer, channel: Int) throws -> [Exemplar] {
    guard (0..<layer.channels).contains(channel) else {
      throw CatalogueError.noChannel(channel, layer: layer.tensor, channels: layer.channels)
    }
    return try exemplars(of: layer, channels: channel..<channel + 1)[0]
  }

  /// The same of all channels, read once.
  package func exemplars(of layer: CatalogueLayer) throws -> [[Exemplar]] {
    try exemplars(of: layer, channels: 0..<layer.channels)
  }

  private func exemplars(of layer: CatalogueLayer, channels: Range<Int>) throws -> [[Exemplar]] {
    var found = [[(file: Int, place: CandidatePlace)]](repeating: [], count: channels.count)
    let known = try CatalogueError.translating(folder) {
      try database.read { database in
        let files = try CatalogueContents.files(database).filter { $0.status == .indexed }
        let known = Dictionary(files.map { ($0.id, $0) }) { first, _ in first }
        try CatalogueContents.candidates(database, layer: layer.number) { file, places in
          guard known[file] != nil else { return }
          for place in places where channels.contains(Int(place.channel)) {
            found[Int(place.channel) - channels.lowerBound].append((file, place))
          }
        }
        return known
      }
    }
    return found.map { candidates in
      // Files and their places come in order: a stable sort keeps it among equals.
      let order = candidates.indices.sorted {
        (candidates[$1].place.value, $0) < (candidates[$0].place.value, $1)
      }
      let strongest = order.prefix(settings.top).compactMap { index in
        known[candidates[index].file].map { ($0, candidates[index].place) }
      }
      return strongest.enumerated().map { rank, entry in
        let (file, place) = entry
        return Exemplar(
          rank: rank, value: place.value, file: file, start: Double(place.start), end: Double(place.end),
          low: Double(place.low), high: Double(place.high), patch: Int(place.patch), place: Int(place.place))
      }
    }
  }
}

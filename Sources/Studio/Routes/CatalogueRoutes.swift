import Audio
import Catalogue
import Files
import Glibc
import Hummingbird
import Jobs
import Models
import Reports
import Synchronization
import Tensors

/// A catalogue that the studio shows.
struct CatalogueRecord: Encodable {
  let id: String
  let name: String
  let model: String
  let sounds: Int
}

extension Studio {
  /// Catalogues: their maps, their units, their sounds.
  func addCatalogueRoutes(to api: StudioRoutes) {
    api.get("catalogues/:id/map") { [self] request, context in
      let (id, layer) = (try context.part("id"), request.query("layer"))
      let method = try request.choice("method", AtlasRequest.Method.self) ?? .tsne
      let catalogue = try await opened(id)
      return try await answer(request, version: catalogue.version, on: maps) { control in
        try .json(catalogue.map(layer, method: method, control: control))
      }
    }
    api.get("catalogues/:id/unit") { [self] request, context in
      let (layer, channel) = (request.query("layer"), try request.count("channel", in: 0...10_000_000))
      guard let channel else { throw StudioFailure.bad("'channel' is missing: give a channel's number") }
      let catalogue = try await opened(try context.part("id"))
      return try await answer(request, version: catalogue.version, on: maps) { _ in
        let unit = try catalogue.unit(channel, of: layer)
        return try .json(UnitRecord(values: unit.values, name: unit.name))
      }
    }
    api.get("catalogues/:id/sounds/:index/audio") { [self] request, context in
      let index = try context.number("index")
      let start = try request.number("start", in: 0...1e7) ?? 0
      let end = try request.number("end", in: 0...1e7)
      let catalogue = try await opened(try context.part("id"))
      return try await answer(request, version: catalogue.version, on: readers) { [self] _ in
        do { return .wav(try wavBytes(of: played(catalogue.sound(index, from: start, to: end)))) } catch {
          throw failure(error, ofSound: index, catalogue)
        }
      }
    }
    api.post("catalogues/:id/sounds/:index/clip") { [self] _, context in
      let (id, index) = (try context.part("id"), try context.number("index"))
      let catalogue = try await opened(id)
      return try await readers.run { [self] _ in
        do {
          let path = try catalogue.path(ofSound: index)
          return try keepClip(at: path, named: catalogue.name(ofSound: index), copies: true).response
        } catch {
          throw failure(error, ofSound: index, catalogue)
        }
      }
    }
    api.get("catalogues/:id/neighbours") { [self] request, context in
      let (layer, top) = (request.query("layer"), try request.count("top", in: 1...1000) ?? 10)
      let catalogue = try await opened(try context.part("id"))
      if let index = try request.count("sound", in: 0...100_000_000) {
        return try await answer(request, version: catalogue.version, on: maps) { [self] _ in
          do {
            return try .json(["neighbours": catalogue.neighbours(ofSound: index, by: layer, top: top)])
          } catch {
            throw failure(error, ofSound: index, catalogue)
          }
        }
      }
      guard let id = request.query("clip") else {
        throw StudioFailure.bad(
          "'clip' is missing: give a clip's id, or 'sound' for a sound of the catalogue")
      }
      let stored = try store.clip(id)
      return try await answer(request, version: catalogue.version) { [self] _ in
        try withFile(of: stored) { path in
          try .json(["neighbours": catalogue.neighbours(of: path, by: layer, top: top, in: workspace)])
        }
      }
    }
  }

  private struct UnitRecord: Encodable {
    let values: [Float]
    let name: String
  }

  // MARK: - Which catalogues there are

  /// The folders of the studio's catalogues, by id: those that it was begun with, and those that its jobs have made.
  private func catalogueFolders() -> [(id: String, folder: String)] {
    settings.catalogues.enumerated().map { ("c\($0)", $1) } + jobs.catalogues()
  }

  func catalogueRecords() -> [CatalogueRecord] {
    catalogueFolders().compactMap { id, folder in
      // One that is gone or damaged is left out, and says why where it is asked for.
      (try? browsed(folder)).map { catalogue in
        CatalogueRecord(
          id: id, name: jobs.title(ofCatalogue: id) ?? catalogue.name, model: catalogue.model,
          sounds: catalogue.files.count)
      }
    }
  }

  /// - Throws: `StudioFailure.notFound`; `CatalogueError`.
  func catalogue(_ id: String) throws -> BrowsedCatalogue {
    guard let found = catalogueFolders().first(where: { $0.id == id }) else {
      throw StudioFailure(
        .notFound, "there is no such catalogue",
        remedy: "start the studio with it: otoscope serve FOLDER.catalogue")
    }
    return try browsed(found.folder)
  }

  /// The same for routes: reading the files of a large one takes its time.
  private func opened(_ id: String) async throws -> BrowsedCatalogue {
    try await readers.run { [self] _ in try catalogue(id) }
  }

  /// Those that a model has made.
  func catalogues(ofModel id: String) throws -> [(id: String, catalogue: BrowsedCatalogue)] {
    let all = catalogueFolders()
    guard !all.isEmpty else { return [] }
    let content = try contentHash(of: try known(model: id))
    return all.compactMap { id, folder in
      guard let catalogue = try? browsed(folder), catalogue.catalogue.model.contentHash == content.digits
      else { return nil }
      return (id, catalogue)
    }
  }

  /// A catalogue as it is now; read again where it has changed.
  private func browsed(_ folder: String) throws -> BrowsedCatalogue {
    if let known = openCatalogues.withLock({ $0[folder] }), known.isUnchanged { return known }
    let catalogue = try BrowsedCatalogue(folder)
    openCatalogues.withLock { $0[folder] = catalogue }
    return catalogue
  }

  private func contentHash(of known: KnownModel) throws -> ContentHash {
    let path = try BundledData.modelPath(known.path)
    let name = "\(path) \(FileIdentity(of: path).map { "\($0)" } ?? "")"
    if let hash = contentHashes.value(name) { return hash }
    let hash = try ContentHash(ofFileAt: path)
    contentHashes.keep(hash, bytes: 1, as: name)
    return hash
  }

  // MARK: - Sounds

  private func failure(_ error: any Error, ofSound index: Int, _ catalogue: BrowsedCatalogue) -> StudioFailure
  {
    switch error {
    case BrowseError.noSound: StudioFailure(.notFound, "\(error)")
    case BrowseError.missing:
      StudioFailure(.notFound, "\(error)", remedy: "put the file back, or index its folder again")
    case let failure as StudioFailure: failure
    default:
      StudioFailure(
        error,
        about: catalogue.files.indices.contains(index)
          ? (catalogue.files[index].path, catalogue.name(ofSound: index)) : nil)
    }
  }

  /// Gives `body` a file with the sound of a clip: the clip's own where it is all of it, else one that is made for it.
  func withFile<Result>(of stored: StoredClip, _ body: (String) throws -> Result) throws -> Result {
    let own = store.path("clips", stored.content)
    let isWhole = (try? Recording.probe(own).duration).map { abs($0 - stored.seconds) < 0.05 } ?? false
    guard stored.start > 0 || !isWhole else { return try body(own) }
    let path = store.path("incoming", StudioStore.newID())
    defer { unlink(path) }
    try writeWAV(try read(stored).recording.scaledToFullScaleIfLouder(), to: path)
    return try body(path)
  }
}

extension BrowsedCatalogue {
  /// Of what is computed from it.
  fileprivate var version: String {
    Studio.hash(identity.map { $0.map { "\($0.bytes) \($0.modified)" } ?? "" }.joined(separator: " "))
  }
}

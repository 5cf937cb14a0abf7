import Audio
package import Explain
import Files
import Graphs
package import Models
import Probe
package import Reports
import Tensors

/// What a run of `dream render` tells of a class when all of it is there.
package struct RenderedClass: Codable, Sendable, Hashable {
  package let label: String
  /// What its dream goes towards.
  package let wish: String
  package let folder: String
  package let frames: Int
  /// How many of them were made now.
  package let made: Int
  package let films: [String]
  /// What the network sees in the last frame; the likeliest first.
  package let seen: [SeenClass]
}

/// Renders a sequence of frames for each of many classes.
///
/// Each frame begins with the picture that is in the file of the one before, so that a run that was ended anywhere goes on to
/// the same frames, byte for byte. What can be wrong with the request is found by `init`.
package struct RenderJob: Sendable {
  package let request: RenderRequest
  package let eye: ImageModel
  private let classes: [RenderClass]
  private let modelHash: String
  private let side: Int

  private struct RenderClass: Sendable {
    let label: String
    let folder: String
    let sight: Sight
  }

  package init(_ request: RenderRequest, in workspace: Workspace) throws {
    let eye = try workspace.imageModel(request.model)
    (self.request, self.eye) = (request, eye)
    modelHash = try ContentHash(ofFileAt: try BundledData.modelPath(request.model)).digits
    side = request.settings.size ?? PictureDreamSettings.noiseSize
    let book = try SeedBook(folder: request.seeds)
    let labels =
      request.classes.isEmpty
      ? book.entries.filter { $0.picture != nil }.map(\.name)
      : try request.classes.flatMap { try Self.names($0, eye, book) }
    var folders: [String: String] = [:]
    var classes: [RenderClass] = []
    for label in labels {
      let folder = FileNames.slug(of: label, orElse: "class")
      if let other = folders[folder] {
        if SeedBook.key(other) == SeedBook.key(label) { continue }
        throw RenderError.sameName(other, label)
      }
      folders[folder] = label
      classes.append(RenderClass(label: label, folder: folder, sight: try Self.sight(of: label, eye, book)))
    }
    self.classes = classes
  }

  /// The classes that a word of the request names: itself where it is one (labels have commas), else what commas part.
  private static func names(_ text: String, _ eye: ImageModel, _ book: SeedBook) throws -> [String] {
    if book.entry(of: text) != nil || eye.labels.contains(where: { $0.lowercased() == text.lowercased() }) {
      return [text]
    }
    let parts = text.split(separator: ",").map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
    guard !parts.isEmpty else { throw RenderError.noClass(text) }
    return parts
  }

  /// What the book says; else a class of the network by its own name or number; else what the words or a channel say.
  private static func sight(of label: String, _ eye: ImageModel, _ book: SeedBook) throws -> Sight {
    let layer = try eye.usualLayer().tensor
    if book.entry(of: label) == nil, let index = try ResolvedWishes.classIndex(label, eye) {
      return Sight(
        wishes: [WeightedWish(.classes([index]), weight: 1)], picture: nil,
        origin: .words(classes: [eye.label(index)]))
    }
    return book.sight(of: label, eye: eye, layer: layer)
  }

  package var labels: [String] { classes.map(\.label) }

  /// Fills `folder`, which is there.
  ///
  /// - Throws: `RenderError`, `Cancelled`, `FileError`, `GraphError`; what `emit` throws.
  package func run(
    into path: String, control: RunControl = RunControl(), emit: (RenderedClass) throws -> Void
  ) throws {
    let folder = RenderFolder(path)
    let lock = try folder.lock()
    try folder.describe(description)
    // One dream for all classes: its programs are made once where classes share their wishes' kinds.
    let dream = try PictureDream(eye, width: side, height: side, seed: request.settings.step.seed)
    let whole = classes.map {
      folder.count(of: $0.folder, most: request.settings.frames, width: side, height: side)
    }
    var left = whole.reduce(0) { $0 + request.settings.frames - $1 }
    let all = max(1, left)
    for (place, one) in classes.enumerated() {
      try control.check()
      let films = try render(one, from: whole[place], with: dream, folder) {
        left -= 1
        try control.report(all - left, of: all, one.label)
      }
      let last = try RGBPicture(
        contentsOf: folder.place(of: folder.frame(request.settings.frames - 1, of: one.folder)))
      let seen = try eye.top(5, of: last).map { SeenClass($0.index, $0.label, $0.probability) }
      try emit(
        RenderedClass(
          label: one.label, wish: one.sight.words, folder: one.folder, frames: request.settings.frames,
          made: request.settings.frames - whole[place], films: films, seen: seen))
    }
    withExtendedLifetime(lock) {}
  }

  /// Makes the frames of a class that are missing, and its films; returns their names.
  private func render(
    _ one: RenderClass, from start: Int, with dream: PictureDream, _ folder: RenderFolder,
    each: () throws -> Void
  ) throws -> [String] {
    let settings = request.settings
    try WholeFile.makeFolder(folder.place(of: one.folder))
    if start < settings.frames { try dream.prepare(one.sight.wishes.map(\.wish)) }
    for frame in start..<settings.frames {
      if frame == 0 {
        try dream.begin(with: request.startsWithPicture ? one.sight.picture.map { square($0) } : nil)
      } else {
        try dream.begin(
          with: try RGBPicture(contentsOf: folder.place(of: folder.frame(frame - 1, of: one.folder))))
        dream.zoom(pixels: Double(settings.zoom))
      }
      try dream.octaves(
        toward: one.sight.wishes, settings.step(ofFrame: frame), counts: settings.counts,
        scale: settings.octaves.scale)
      try WholeFile.write(
        try dream.picture.png(), to: folder.place(of: folder.frame(frame, of: one.folder)))
      try each()
    }
    guard request.makesFilms else { return [] }
    let names = FilmForm.allCases.map { folder.film($0, of: one.folder) }
    let missing = FilmForm.allCases.filter {
      start < settings.frames || !WholeFile.exists(folder.place(of: folder.film($0, of: one.folder)))
    }
    if !missing.isEmpty {
      let films = PictureDreamReport.Films(rate: settings.rate, sound: nil)
      for form in missing {
        // Frame by frame from the files: a sequence may be longer than memory.
        let film = try films.film(form, width: side, height: side) { add in
          for frame in 0..<settings.frames {
            try add(try RGBPicture(contentsOf: folder.place(of: folder.frame(frame, of: one.folder))))
          }
        }
        try WholeFile.write(film, to: folder.place(of: folder.film(form, of: one.folder)))
      }
    }
    return names
  }

  private func square(_ picture: RGBPicture) -> RGBPicture { picture.resized(width: side, height: side) }

  private var description: RenderFolder.Description {
    let settings = request.settings
    var described: [String: RenderFolder.Description.Class] = [:]
    for one in classes {
      described[one.folder] = .init(
        label: one.label, words: one.sight.words, wishes: Self.fingerprint(of: one.sight))
    }
    return RenderFolder.Description(
      model: eye.name, modelHash: modelHash, frames: settings.frames, width: side, height: side,
      octaves: settings.octaves.count, scale: settings.octaves.scale, steps: settings.steps,
      step: settings.step.size,
      jitter: settings.step.jitter, totalVariation: settings.step.totalVariation, zoom: settings.zoom,
      rate: settings.rate, seed: settings.step.seed, startsWithPicture: request.startsWithPicture,
      classes: described)
  }

  /// Of the wishes and the pictures in them.
  private static func fingerprint(of sight: Sight) -> String {
    var hash = FNV1a()
    func add(_ text: String) { for byte in text.utf8 { hash.add(UInt64(byte)) } }
    func add(_ picture: RGBPicture) {
      hash.add(UInt64(picture.width) << 32 | UInt64(picture.height))
      for byte in picture.pixels { hash.add(UInt64(byte)) }
    }
    for wish in sight.wishes {
      hash.add(UInt64(wish.weight.bitPattern))
      switch wish.wish {
      case .layer(let layer): add("layer \(layer)")
      case .channels(let layer, let channels): add("channels \(layer) \(channels)")
      case .classes(let classes): add("classes \(classes)")
      case .likeness(let layer, to: let picture):
        add("likeness \(layer)")
        add(picture)
      }
    }
    if let picture = sight.picture { add(picture) }
    return hash.fingerprint.hexadecimal
  }
}

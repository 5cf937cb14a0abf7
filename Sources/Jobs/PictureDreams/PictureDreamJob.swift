import Audio
package import Explain
import Files
import Graphs
package import Models
import Probe
package import Reports

/// What a run of `dream` upon pictures tells, one by one.
package enum PictureDreamEvent: Sendable {
  case dreamt(DreamtPicture)
  /// A picture cannot be read; the others are.
  case failed(picture: String, any Error)
}

/// Dreams upon picture after picture, or once from noise.
///
/// What can be wrong with the request as such is found by `init`, before any picture is read.
package struct PictureDreamJob: Sendable {
  package let request: PictureDreamRequest
  package let eye: ImageModel
  private let goal: ResolvedWishes
  /// What films are made of; nil where none are.
  package let films: PictureDreamReport.Films?

  package static let stages = 5
  /// More pictures of the way are not kept for a film.
  static let mostFilmPictures = 240

  package init(_ request: PictureDreamRequest, in workspace: Workspace) throws {
    eye = try workspace.imageModel(request.model)
    self.request = request
    goal = try ResolvedWishes(request.goals, eye)
    let sound = try request.sound.map { try Clip(reading: $0).recording }
    films = request.makesFilms ? .init(rate: request.settings.rate, sound: sound) : nil
  }

  /// For the page.
  package var title: String { "Dreams of \(eye.name): \(goal.words)" }

  /// - Throws: `Cancelled`; `GraphError`; what `emit` throws.
  package func run(control: RunControl = RunControl(), emit: (PictureDreamEvent) throws -> Void) throws {
    guard !request.pictures.isEmpty else {
      try emit(
        .dreamt(
          try dream(upon: nil, path: nil, stem: FileNames.slug(of: goal.name, orElse: "noise"), control)))
      return
    }
    var stems = StemNames(taken: ["index"])
    for (number, path) in request.pictures.enumerated() {
      let name = path == "-" ? "standard-input" : Folder.name(of: path)
      let part = control.part(number, of: request.pictures.count, name)
      try part.check()
      do {
        let picture = try RGBPicture(contentsOf: path)
        let stem = stems.next(String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)]))
        try emit(.dreamt(try dream(upon: picture, path: path, stem: stem, part)))
      } catch let error as PictureError {
        try emit(.failed(picture: path, error))
      }
    }
  }

  private func dream(upon picture: RGBPicture?, path: String?, stem: String, _ control: RunControl) throws
    -> DreamtPicture
  {
    let settings = request.settings
    let noise = settings.size ?? PictureDreamSettings.noiseSize
    let (width, height) = picture.map { settings.extent(of: $0.width, $0.height) } ?? (noise, noise)
    let dream = try PictureDream(eye, width: width, height: height, seed: settings.step.seed)
    try dream.begin(with: picture?.resized(width: width, height: height))
    let before = dream.picture
    try dream.prepare(goal.wishes.map(\.wish))
    var way = DreamWay(
      frames: settings.frames, octaves: settings.octaves.count, steps: settings.steps,
      keepsEachStep: films != nil && settings.frames == 1)
    for frame in 0..<settings.frames {
      if frame > 0 { dream.zoom(pixels: Double(settings.zoom)) }
      way.begin(frame)
      try dream.octaves(
        toward: goal.wishes, settings.step(ofFrame: frame), counts: settings.counts,
        scale: settings.octaves.scale
      ) { octave, step, value in
        way.took(octave, step, value) { dream.picture }
        try control.report(way.done, of: way.all)
      }
      way.end(frame) { dream.picture }
    }
    let after = dream.picture
    func seen(_ picture: RGBPicture) throws -> [SeenClass] {
      try eye.top(5, of: picture).map { SeenClass($0.index, $0.label, $0.probability) }
    }
    let record = PictureDreamRecord(
      picture: path, model: eye.name, wish: goal.words, width: width, height: height,
      octaves: settings.octaves,
      steps: settings.steps, step: settings.step, frames: settings.frames, zoom: settings.zoom,
      first: way.first,
      last: way.last, stepSeconds: way.stepSeconds, before: try seen(before), after: try seen(after),
      files: PictureDreamReport.files(stem, hasArrays: request.keepsArrays, hasFilm: films != nil))
    let inSize = { (picture: RGBPicture) in
      picture.width == width && picture.height == height
        ? picture : picture.resized(width: width, height: height)
    }
    return DreamtPicture(
      stem: stem, title: path.map { Folder.name(of: $0) } ?? "noise", before: before, after: after,
      stages: ([before] + way.stages).map(inSize),
      way: films == nil ? [] : ([before] + way.pictures).map(inSize),
      curve: way.curve, record: record, values: request.keepsArrays ? dream.values : nil)
  }
}

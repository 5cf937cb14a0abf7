package import Audio
package import Explain
import Files
import Graphs
package import Models
import Probe
package import Reports
import Tensors

/// What a run of `dream` tells, one by one.
package enum DreamEvent: Sendable {
  case dreamt(DreamtSound)
  case flawed(sound: String, [Flaw])
  /// A sound cannot be read; the others are.
  case failed(sound: String, any Error)
}

/// Dreams upon sound after sound.
///
/// What can be wrong with the request as such is found by `init`, before anything is listened to.
package struct DreamJob: Sendable {
  package let request: DreamRequest
  package let model: AudioModel
  private let wish: SoundDream.Wish
  /// For captions.
  private let wishName: String

  package init(
    _ request: DreamRequest, in workspace: Workspace, emit: (DreamEvent) throws -> Void = { _ in }
  ) throws {
    let model = try workspace.model(request.model)
    (self.request, self.model) = (request, model)
    if !request.targets.isEmpty {
      let indices = try model.classes(named: request.targets)
      wish = .classes(indices)
      wishName = indices.map { model.label($0) }.joined(separator: ", ")
      return
    }
    let layer = try request.layer ?? model.dreamLayer()
    if let guide = request.guide {
      let clip = try Clip(reading: guide)
      if !clip.recording.flaws.isEmpty { try emit(.flawed(sound: guide, clip.recording.flaws)) }
      wish = .likeness(layer, to: try model.samples(of: clip.recording))
      wishName = "\(layer) like that of \(clip.name)"
    } else if let channels = request.channels {
      let geometry = try LayerGeometry(layer, of: model)
      wish = .channels(layer, try channels.indices(of: layer, channels: geometry.channels))
      wishName = "channel \(channels) of \(layer)"
    } else {
      _ = try LayerGeometry(layer, of: model)
      wish = .layer(layer)
      wishName = layer
    }
  }

  /// For the page.
  package var title: String { "Dreams of \(model.name): \(wishName)" }

  /// - Throws: `Cancelled`; `GraphError`; what `emit` throws.
  package func run(control: RunControl = RunControl(), emit: (DreamEvent) throws -> Void) throws {
    var stems = StemNames(taken: ["index"])
    for (number, path) in request.sounds.enumerated() {
      let part = control.part(number, of: request.sounds.count, Folder.name(of: path))
      try part.check()
      do {
        let stretch = request.part
        let clip = try Clip(
          reading: path, start: stretch.start, duration: stretch.duration, channel: stretch.channel)
        if !clip.recording.flaws.isEmpty { try emit(.flawed(sound: path, clip.recording.flaws)) }
        let dream = try SoundDream(model, of: model.samples(of: clip.recording))
        let result = try dream.run(
          try dream.excitation(wish), request.settings,
          keeping: request.makesFilms ? MaximizedFiles.filmPictures : 0, control: part)
        try emit(
          .dreamt(
            try DreamtSound(
              clip, dream, result, wish: wishName, request.settings, stem: stems.next(clip.stem),
              hasFilm: request.makesFilms)))
      } catch let error as AudioError {
        try emit(.failed(sound: path, error))
      }
    }
  }
}

extension AudioModel {
  /// A layer a little behind the middle, of those that have places: early ones draw edges, late ones whole sounds.
  func dreamLayer() throws -> TensorName {
    let layers = try LayerOutline(network, upTo: logits).layers.filter { layer in
      layer.kind != .attention && layer.tensor != logits
    }
    let placed = layers.filter { ((try? LayerGeometry($0.tensor, of: self))?.places ?? 0) > 1 }
    let choices = placed.isEmpty ? layers : placed
    guard !choices.isEmpty else { return logits }
    return choices[min(choices.count - 1, choices.count * 3 / 5)].tensor
  }
}

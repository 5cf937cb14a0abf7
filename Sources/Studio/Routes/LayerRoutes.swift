import Audio
import Hummingbird
import Jobs
import Reports
import Tensors

extension Studio {
  /// What the layers of models make of clips, channel by channel.
  func addLayerRoutes(to api: StudioRoutes) {
    api.get("models/:id/layers") { [self] request, context in
      let known = try known(model: try context.part("id"))
      return try await answer(request, version: try version(ofModel: known.id)) { [self] _ in
        do { return try .json(["layers": workspace.outlinedLayers(of: known.choice)]) } catch {
          throw known.failure(error)
        }
      }
    }
    api.get("clips/:id/layers/:layer/maps") { [self] request, context in
      let order = try request.choice("order", ClipLayer.Order.self) ?? .strength
      let top = try request.count("top", in: 1...4096) ?? 35
      let channel = try request.count("channel", in: 0...1_000_000)
      return try await layerAnswer(request, context) { layer in
        let picture = try channel.map { try layer.picture(ofChannel: $0) } ?? layer.picture(order, top: top)
        var pack = Pack()
        pack.add("maps", shape: picture.shape, picture.maps)
        return try pack.reply(picture.facts)
      }
    }
    api.get("clips/:id/layers/:layer/channels/:channel/solo") { [self] request, context in
      let channel = try context.number("channel")
      return try await layerAnswer(request, context) { [self] layer in
        .wav(try wavBytes(of: played(layer.solo(channel))))
      }
    }
    api.get("clips/:id/layers/:layer/channels/:channel") { [self] request, context in
      let (channel, model) = (try context.number("channel"), modelID(request))
      return try await layerAnswer(request, context) { [self] layer in
        try .json(record(ofChannel: channel, layer, model))
      }
    }
  }

  private func layerAnswer(
    _ request: Request, _ context: StudioContext, _ body: @escaping @Sendable (ClipLayer) throws -> Reply
  ) async throws -> Response {
    let stored = try store.clip(try context.part("id"))
    let (index, model) = (try context.number("layer"), modelID(request))
    let version = try version(ofModel: model)
    return try await answer(request, version: version) { [self] control in
      let name = "\(stored.id)/\(version)/\(index)"
      if let known = layers.value(name) { return try body(known) }
      let layer: ClipLayer
      do { layer = try ClipLayer(try heard(stored, by: model), index: index, control: control) } catch let
        error
        as ClipLayerError
      {
        throw StudioFailure(.notFound, "\(error)")
      }
      layers.keep(layer, bytes: layer.byteCount + 4096, as: name)
      return try body(layer)
    }
  }

  /// Places of a channel that are told.
  private static let excerpts = 12

  private func record(ofChannel channel: Int, _ layer: ClipLayer, _ model: String) throws -> ChannelAnswer {
    var answer = ChannelAnswer(
      index: channel, layer: layer.name, strength: try layer.strength(ofChannel: channel))
    for entry in try catalogues(ofModel: model) {
      let (id, catalogue) = (entry.id, entry.catalogue)
      if answer.descriptor == nil, let found = try catalogue.descriptor(ofUnit: channel, of: layer.name) {
        answer.descriptor = .init(name: found.name, correlation: found.correlation)
      }
      answer.excerpts += try catalogue.excerpts(ofUnit: channel, of: layer.name, top: Self.excerpts).map {
        excerpt in
        ChannelAnswer.Excerpt(
          catalogue: id, sound: excerpt.sound, index: excerpt.index, start: excerpt.start, end: excerpt.end,
          value: excerpt.value,
          audio:
            "/api/v1/catalogues/\(id)/sounds/\(excerpt.index)/audio?start=\(excerpt.heardStart)&end=\(excerpt.heardEnd)"
        )
      }
    }
    answer.excerpts.sort { $0.value > $1.value }
    return answer
  }
}

/// What is told of a channel.
private struct ChannelAnswer: Encodable {
  struct Descriptor: Codable, Sendable {
    let name: String
    let correlation: Double
  }

  struct Excerpt: Encodable {
    let catalogue: String
    let sound: String
    let index: Int
    let start: Double
    let end: Double
    let value: Float
    let audio: String
  }

  let index: Int
  let layer: String
  /// In the clip.
  let strength: Float
  /// What it goes with in a catalogue of the same model; nil where there is none.
  @OrNull var descriptor: Descriptor?
  var excerpts: [Excerpt] = []

  init(index: Int, layer: String, strength: Float) {
    (self.index, self.layer, self.strength) = (index, layer, strength.isFinite ? strength : 0)
    _descriptor = OrNull(wrappedValue: nil)
  }
}

package import Audio
package import Explain
import Files
import Models
import Probe
package import Reports

/// What a run of `look` tells, one by one.
package enum LookEvent: Sendable {
  /// What is wrong with the sound, which is listened to all the same.
  case flawed([Flaw])
  /// A layer's values do not belong to single patches: it is passed over.
  case skipped(String, any Error)
  /// Heads that do not attend over the patch's times: windows of tokens, or another sequence.
  case withoutTimes(String)
  case layer(LayerLookRecord)
  case channel(ChannelRecord)
}

/// Shows what each layer of a network makes of a clip.
package struct LookJob: Sendable {
  private let request: LookRequest
  private let workspace: Workspace

  package init(_ request: LookRequest, in workspace: Workspace) {
    (self.request, self.workspace) = (request, workspace)
  }

  /// Writes sheets, maps, sounds and a page into `store`; returns the page's name.
  ///
  /// - Throws: `Cancelled`; `AudioError`, `ModelError`, `ProbeError`, `GraphError`; what `store` and `emit` throw.
  package func run(
    into store: any ResultStore, request words: String, control: RunControl = RunControl(),
    emit: (LookEvent) throws -> Void
  ) throws -> String {
    let chosen = try workspace.model(request.model)
    let part = request.part
    let clip = try Clip(
      reading: request.sound, start: part.start, duration: part.duration, channel: part.channel)
    if !clip.recording.flaws.isEmpty { try emit(.flawed(clip.recording.flaws)) }
    let samples = try chosen.samples(of: clip.recording)
    let model = try chosen.fitted(toSamples: samples.count)
    let outline = try LayerOutline(model.network, upTo: model.logits)
    let layers = try self.layers(of: outline, model, emit)
    let listening = try model.listen(to: samples)
    let drawing = LayerCanvas(model, clip, listening, order: request.order, top: request.top)
    var report = LayerReport(
      store,
      ReportHeader(
        title: "What the layers of \(model.name) make of \(clip.name)", model: model.name, request: words),
      drawing, clip.recording, stem: clip.stem)
    try ClipMaps.each(
      layers, of: model, listening, seconds: clip.recording.duration, control: control.part(from: 0, to: 0.98)
    ) { maps, attention in
      if maps.layer.kind == .attention, attention == nil { try emit(.withoutTimes(maps.layer.tensor)) }
      let records = try report.add(
        maps, attention, number: outline.number(of: maps.layer), soloed: request.channels)
      try emit(.layer(records.layer))
      for channel in records.channels { try emit(.channel(channel)) }
    }
    return try report.finish()
  }

  /// The layers to look at: of a whole outline, those that can be; one that was named has to be, and has to have the channels.
  private func layers(
    of outline: LayerOutline, _ model: AudioModel, _ emit: (LookEvent) throws -> Void
  ) throws -> [LayerOutline.Layer] {
    var layers: [LayerOutline.Layer] = []
    for layer in try outline.layers(request.layers, of: model.network) {
      do {
        let count = try ClipMaps.channelCount(of: layer, model)
        for channel in request.channels where !(0..<count).contains(channel) {
          throw ProbeError.noChannel(channel, of: layer.tensor, channels: count)
        }
        layers.append(layer)
      } catch let error as ProbeError where request.layers.isEmpty && !error.isOfChannel {
        try emit(.skipped(layer.tensor, error))
      }
    }
    return layers
  }
}

/// Shows the filters of a network's first layer.
package struct FiltersJob: Sendable {
  private let request: FiltersRequest
  private let workspace: Workspace

  package init(_ request: FiltersRequest, in workspace: Workspace) {
    (self.request, self.workspace) = (request, workspace)
  }

  /// Writes sheets, arrays and a page into `store`.
  ///
  /// - Throws: `ModelError`, `ProbeError`, `GraphError`; what `store` throws.
  package func run(
    into store: any ResultStore, request words: String, control: RunControl = RunControl()
  ) throws -> (page: String, records: [FilterRecord], summary: String) {
    let model = try workspace.model(request.model)
    try control.report(0, of: 2, "measuring kernels")
    let report = FilterReport(try FirstFilters(of: model), of: model)
    try control.report(1, of: 2, "drawing")
    let page = try report.write(
      to: store,
      ReportHeader(title: "The first filters of \(model.name)", model: model.name, request: words))
    try control.report(2, of: 2)
    return (page, report.records, report.summary)
  }
}

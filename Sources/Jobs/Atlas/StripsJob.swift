package import Audio
package import Explain
import Figures
import Files
import Graphs
import Models
import Probe
package import Reports
import Tensors

/// What a run of strips tells, one by one.
package enum StripsEvent: Sendable {
  case drawn(StripsRecord)
  case flawed(sound: String, [Flaw])
  /// A sound cannot be read; the others are.
  case failed(sound: String, any Error)
}

/// Draws, below a sound's spectrogram, strips whose colours say how alike a layer finds its moments: the first three principal
/// components of its activations, moment by moment, as red, green and blue.
package struct StripsJob {
  private let request: StripsRequest
  private let model: AudioModel

  package init(_ request: StripsRequest, in workspace: Workspace) throws {
    (self.request, model) = (request, try workspace.model(request.model))
  }

  /// - Throws: `Cancelled`; `GraphError`, `ProbeError` for layers; what `emit` and writing throw.
  package func run(
    in store: any ResultStore, control: RunControl = RunControl(), emit: (StripsEvent) throws -> Void
  ) throws {
    var names = FileStems()
    for (number, sound) in request.sounds.enumerated() {
      try control.report(number, of: request.sounds.count, Folder.name(of: sound))
      do {
        let clip = try Clip(
          reading: sound, start: request.part.start, duration: request.part.duration,
          channel: request.part.channel)
        let (figure, record) = try strips(of: clip)
        let stem = names.next(clip.stem)
        try store.write(figure.png(), to: "\(stem).strips.png")
        try store.write(figure.svg(), to: "\(stem).strips.svg")
        var named = record
        named.files = ["\(stem).strips.png", "\(stem).strips.svg"]
        try emit(.drawn(named))
        if !clip.recording.flaws.isEmpty { try emit(.flawed(sound: sound, clip.recording.flaws)) }
      } catch let error as AudioError {
        try emit(.failed(sound: sound, error))
      }
    }
  }

  private func strips(of clip: Clip) throws -> (StripsFigure, StripsRecord) {
    let samples = try model.samples(of: clip.recording)
    let model = try model.fitted(toSamples: samples.count / model.channelCount)
    let picture = try model.picture(of: samples)
    let tensors = try layers(of: model)
    let input = model.inputTensor(for: model.patches(of: picture))
    let values = try model.network.values(of: tensors.map(\.tensor), at: [model.inputName: input])
    let starts = model.patchStarts(frames: picture.shape[0])
    let heard = min(picture.shape[0], max(1, Int(model.axes.frame(at: clip.recording.duration)) + 1))
    var strips: [StripsFigure.Strip] = []
    var record = StripsRecord(
      sound: PathText.shown(clip.path), model: model.name, layers: [], files: [])
    for (geometry, values) in zip(tensors, values) {
      let moments = LayerMoments(
        geometry.maps(values), geometry, starts: starts, frames: heard, patchFrames: model.patchFrames,
        axes: model.axes)
      let colours = ComponentColours(of: moments.vectors, seed: request.seed)
      strips.append(
        StripsFigure.Strip(
          name: "\(geometry.tensor): \(geometry.channels) channels, three components hold "
            + "\(NumberText.rounded(colours.explained.reduce(0, +) * 100, digits: 3)) % of the variance",
          spans: moments.spans, colours: colours.values))
      record.layers.append(
        .init(tensor: geometry.tensor, moments: moments.spans.count, explainedVariance: colours.explained))
    }
    let axes = model.axes
    let spectrogram =
      model.hasPicture
      ? TimeFrequencyFigure(
        spectrogram: picture.rows(0..<heard), start: axes.meanStart, hop: axes.meanHop,
        bandCentres: axes.bandCentres,
        title: "\(clip.name) as \(model.name) hears it")
      : try Self.plain(clip)
    return (
      StripsFigure(
        spectrogram, strips: strips,
        caption:
          "Moments of like colour are alike to the layer: its activations' first three principal components over this "
          + "sound as red, green and blue, each from its 1st to its 99th percentile. Colours of different strips do not compare."
      ), record
    )
  }

  /// A spectrogram for a network that has no picture of its own.
  private static func plain(_ clip: Clip) throws -> TimeFrequencyFigure {
    let frontEnd = try FrontEnd.preset(named: "yamnet")
    let axes = frontEnd.axes
    return TimeFrequencyFigure(
      spectrogram: frontEnd.logMel(try clip.recording.mono(at: frontEnd.sampleRate)), start: axes.start,
      hop: axes.hop,
      bandCentres: axes.bandCentres, title: clip.name)
  }

  /// Those named, or the first, the middle and the last layer with several moments a patch.
  private func layers(of model: AudioModel) throws -> [LayerGeometry] {
    guard request.layers.isEmpty else { return try request.layers.map { try LayerGeometry($0, of: model) } }
    let all = try LayerOutline(model.network, upTo: model.logits).layers.filter { $0.kind != .attention }
      .compactMap { try? LayerGeometry($0.tensor, of: model) }
    let running = all.filter { $0.time.count > 1 }
    let offered = running.isEmpty ? all : running
    return Set([0, offered.count / 2, offered.count - 1]).sorted().compactMap {
      offered.indices.contains($0) ? offered[$0] : nil
    }
  }
}

/// Names of files that do not repeat.
struct FileStems {
  private var used: Set<String> = []

  mutating func next(_ stem: String) -> String {
    var (name, number) = (stem, 1)
    while !used.insert(name).inserted {
      number += 1
      name = "\(stem)-\(number)"
    }
    return name
  }
}

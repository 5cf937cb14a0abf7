import Audio
import Graphs
import Tensors

extension InnerPicture {
  /// The picture inside a model's network, and the half of the network behind it; nil where there is none, or where the
  /// network hears more than a picture that was found holds.
  ///
  /// - Parameters:
  ///   - model: with its whole network, which takes samples.
  ///   - choice: what the description says; nil to look for it.
  /// - Throws: `ModelError.noPicture`, `GraphError` for named tensors.
  static func found(
    in model: AudioModel, _ layout: PictureLayout, _ choice: ModelDescription.Picture?
  ) throws -> (first: InnerPicture, second: Network)? {
    if choice == ModelDescription.Picture.none { return nil }
    let length = model.frontEnd.patch.frames
    // Networks of any length have no picture of one size.
    guard !model.frontEnd.patch.isFree else { return nil }
    var finder = try PictureFinder(model.network, layout, rate: model.sampleRate, length: length)
    guard case .tensors(let names)? = choice else {
      let found = try finder.find()
      guard !found.isEmpty else { return nil }
      do { return try made(found, by: finder, model, layout) } catch GraphError.notSeparated { return nil }
    }
    return try made(try finder.find(named: names, path: model.path), by: finder, model, layout)
  }

  private static func made(
    _ found: [(tensor: TensorName, axes: TensorAxes)], by finder: PictureFinder, _ model: AudioModel,
    _ layout: PictureLayout
  ) throws -> (first: InnerPicture, second: Network) {
    let network = model.network
    let panels = try finder.panels(found)
    let fileShape =
      try network.fileShapes(at: [layout.input: layout.shape(clips: 1, patches: 1)])[layout.input] ?? []
    let rowAxis = network.rows.axes[layout.input] ?? nil
    let second = try second(
      of: network, behind: panels.map(\.panel)
    ) { rows in
      var shape = fileShape
      if let rowAxis { shape[rowAxis] = rows }
      return shape
    }
    let first = Network(
      try network.graph.making(panels.map(\.panel.tensor)), threads: network.threads,
      rowsPerRun: network.rowsPerRun, memory: network.memory, rows: network.rows)
    let axes = found[0].axes
    let seconds = Double(model.frontEnd.patch.frames) / Double(model.sampleRate)
    var inside = InnerPicture(
      first: first, panels: panels.map(\.panel),
      axes: PictureAxes(
        start: axes.start, hop: axes.hop, window: max(axes.hop, axes.clickWidth * axes.hop),
        block: PictureAxes.Block(frames: panels[0].panel.frames, seconds: seconds),
        panels: panels.flatMap(\.axes)),
      silence: Tensor([0]))
    inside.silence = try inside.measuredSilence(layout)
    return (inside, second)
  }

  /// The picture of digital silence; where a normalization has no answer to that, zeros.
  private func measuredSilence(_ layout: PictureLayout) throws -> Tensor {
    let shape = layout.shape(clips: 1, patches: 1)
    var silent = try pictures(of: Tensor(shape)).reshaped(to: [frames, bands])
    guard !silent.values.allSatisfy(\.isFinite) else { return silent }
    silent.withUnsafeMutableValues { values in
      for place in values.indices where !values[place].isFinite { values[place] = 0 }
    }
    return silent
  }
}

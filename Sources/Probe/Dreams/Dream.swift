package import Explain
package import Graphs
package import Tensors

/// DeepDream: what a network begins to see in a picture is drawn into it, and looked for again.
///
/// The picture is dreamt upon in a few sizes, the smallest first. In each, some steps along `gradient / mean |gradient|`,
/// the picture moved along time by another random shift for each; what they added is carried to the next size by bilinear
/// zoom and laid on the picture of that size. Mordvintsev, Olah and Tyka, *DeepDream* (2015). It knows nothing of sound:
/// pictures are `[frames, bands]` of panels, which for an image are its rows, columns and colours.
package struct Dream: Sendable {
  package let network: Network
  /// Of one picture.
  package let excitation: Excitation
  package let input: TensorName
  package let shape: CanvasShape
  package let range: ClosedRange<Float>
  package var settings: Settings
  /// How the network sees pictures of a size.
  private let lens: @Sendable (CanvasShape) -> any Lens

  package struct Settings: Codable, Sendable, Hashable {
    package var octaves = Octaves()
    /// In each octave.
    package var steps = 20
    /// How far a step goes on average, as a share of the range of values.
    package var step: Float = 0.01
    /// The largest shift along time, as a share of the picture's frames.
    package var jitter = 0.05
    package var seed: UInt64 = 0

    package init() {}
  }

  /// - Parameter lens: for networks that take pictures of one size, ``ZoomedLens`` shows them smaller ones.
  package init(
    _ network: Network, _ excitation: Excitation, input: TensorName, shape: CanvasShape,
    range: ClosedRange<Float>, settings: Settings, lens: @escaping @Sendable (CanvasShape) -> any Lens
  ) {
    precondition(excitation.measures.count == 1, "a dream is of one picture")
    (self.network, self.excitation, self.input, self.shape) = (network, excitation, input, shape)
    (self.range, self.settings, self.lens) = (range, settings, lens)
  }

  package struct Result: Sendable {
    /// `[frames, bands]`
    package var picture: Tensor
    package var first: Double
    package var last: Double
    /// After each step, octave by octave.
    package var curve: [Double]
    package var ending: Ascent.Ending
  }

  /// Dreams upon a picture, `[frames, bands]`.
  ///
  /// - Parameter observe: after each step, with the picture in its own size.
  /// - Throws: `Cancelled`; `GraphError`.
  package func run(
    on picture: Tensor, control: RunControl = RunControl(), observe: (Tensor) throws -> Void = { _ in }
  ) throws -> Result {
    let shapes = settings.octaves.shapes(of: shape)
    let base = picture.reshaped(to: shape.tensor(rows: 1))
    // Each size is made of the next larger one.
    var bases = [base]
    for (larger, smaller) in zip(shapes.reversed(), shapes.reversed().dropFirst()) {
      bases.append(Zoom(from: larger, to: smaller)(bases[bases.count - 1]))
    }
    bases.reverse()
    var detail = Tensor(shapes[0].tensor(rows: 1))
    var result = Result(picture: picture, first: 0, last: 0, curve: [], ending: .finished)
    for (place, octave) in shapes.enumerated() {
      if place > 0 { detail = Zoom(from: shapes[place - 1], to: octave)(detail) }
      var canvas = Canvas(input, shape: octave, lens: lens(octave), start: clipped(bases[place].plus(detail)))
      canvas.range = range
      canvas.bounding = .clipped
      let ascent = Ascent(network, excitation, [canvas], settings: ascentSettings(octave, number: place))
      let upwards = Zoom(from: octave, to: shape)
      let found = try ascent.run(control: control.part(place, of: shapes.count, "octave \(place + 1)")) {
        _, pictures, _ in
        try observe(upwards(pictures).picture(0))
      }
      detail = found.pictures[0].minus(bases[place])
      result.curve += found.curves[0]
      result.last = found.last[0]
      if found.endings[0] != .finished { result.ending = found.endings[0] }
    }
    result.picture = clipped(base.plus(detail)).picture(0)
    let still = Ascent(
      network, excitation, [Canvas(input, shape: shape, lens: lens(shape), start: base)], settings: stillness)
    result.first = try still.run().first[0]
    return result
  }

  /// No steps.
  private var stillness: Ascent.Settings {
    var settings = Ascent.Settings()
    settings.steps = 0
    return settings
  }

  private func ascentSettings(_ octave: CanvasShape, number: Int) -> Ascent.Settings {
    var ascent = Ascent.Settings()
    ascent.steps = settings.steps
    ascent.update = .normalised
    ascent.rate = settings.step
    ascent.settling = 0
    ascent.leak = nil
    ascent.jitter = Int((settings.jitter * Double(octave.frames)).rounded())
    ascent.seed = settings.seed &+ UInt64(number)
    return ascent
  }

  private func clipped(_ picture: Tensor) -> Tensor {
    picture.mapped { min(max($0, range.lowerBound), range.upperBound) }
  }
}

extension Tensor {
  fileprivate func plus(_ other: Tensor) -> Tensor { combined(with: other, +) }
}

package import Graphs
package import Tensors

/// The extents of a picture that is being made: frames along time, bands of one panel or of several side by side.
///
/// Samples are frames of one band; the planes of a colour image are panels.
package struct CanvasShape: Sendable, Hashable {
  package let frames: Int
  /// The places of the panels among all bands, in order and without gaps.
  package let panels: [Range<Int>]

  package init(frames: Int, panels: [Range<Int>]) {
    precondition(frames > 0 && !panels.isEmpty && panels.allSatisfy { !$0.isEmpty }, "a picture of nothing")
    (self.frames, self.panels) = (frames, panels)
  }

  package init(frames: Int, bands: Int) { self.init(frames: frames, panels: [0..<bands]) }

  package var bands: Int { panels[panels.count - 1].upperBound }
  /// Values of one picture.
  package var count: Int { frames * bands }

  package func tensor(rows: Int) -> Shape { [rows, frames, bands] }
}

/// How a network sees a picture: what it is given, and how gradients come back from there.
package protocol Lens: Sendable {
  /// The network's input for pictures `[rows, frames, bands]`; each of them gives as many rows.
  func input(of pictures: Tensor) throws -> Tensor
  /// `Σ gradient · ∂input/∂pictures`, divided by the number of the input's rows of a picture: shaped as the pictures.
  func pullback(_ gradient: Tensor, at pictures: Tensor) throws -> Tensor
}

/// One input of a network, as the picture that is changed until something in the network is excited most.
package struct Canvas: Sendable {
  /// The network's input.
  package let input: TensorName
  package let shape: CanvasShape
  package let lens: any Lens
  /// What a value of the picture may be; nil for any number.
  package var range: ClosedRange<Float>?
  package var bounding = Bounding.squashed
  /// What the picture is a function of.
  package var basis = PictureBasis.values
  /// What is taken off the score, each with its weight.
  package var regularizers: [Weighted] = []
  /// The pictures to begin with, `[rows, frames, bands]`.
  package var start: Tensor

  /// How values are kept within the range.
  package enum Bounding: Sendable, Hashable {
    /// `low + (high − low) / (1 + e^(−x))`
    case squashed
    /// What leaves the range is set to its end after each step.
    case clipped
  }

  /// A regularizer and how much it counts.
  package struct Weighted: Sendable {
    package let regularizer: any Regularizer
    package let weight: Float

    package init(_ regularizer: any Regularizer, weight: Float) {
      (self.regularizer, self.weight) = (regularizer, weight)
    }
  }

  package init(_ input: TensorName, shape: CanvasShape, lens: any Lens, start: Tensor) {
    precondition(Array(start.shape.dimensions.dropFirst()) == [shape.frames, shape.bands], "another picture")
    (self.input, self.shape, self.lens, self.start) = (input, shape, lens, start)
  }

  package var rows: Int { start.shape[0] }
}

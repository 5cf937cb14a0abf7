package import Tensors

/// The sizes a dream goes through, the smallest first: each larger than the one before by the same factor, the last the
/// picture's own.
package struct Octaves: Codable, Sendable, Hashable {
  package var count: Int
  package var scale: Double

  package init(count: Int = 4, scale: Double = 1.4) { (self.count, self.scale) = (count, scale) }

  /// A picture's extents in each octave. Extents that are small stay at least ``smallest``, or what they are.
  package func shapes(of shape: CanvasShape) -> [CanvasShape] {
    func shrunk(_ extent: Int, _ factor: Double) -> Int {
      max(min(extent, Self.smallest), Int((Double(extent) / factor).rounded()))
    }
    var factor = 1.0
    var shapes = [shape]
    for _ in 1..<max(1, count) {
      factor *= scale
      var first = 0
      let panels = shape.panels.map { panel in
        defer { first += shrunk(panel.count, factor) }
        return first..<first + shrunk(panel.count, factor)
      }
      shapes.append(CanvasShape(frames: shrunk(shape.frames, factor), panels: panels))
    }
    return shapes.reversed()
  }

  private static let smallest = 8
}

/// Pictures in another size: bilinear, corners on corners, each panel for itself. As `scipy.ndimage.zoom` of order 1.
package struct Zoom: Sendable {
  package let from: CanvasShape
  package let to: CanvasShape
  private let frames: [Place]
  private let bands: [Place]

  /// The two places that a new one lies between, and how near it is to the second.
  private struct Place: Sendable {
    let low: Int
    let high: Int
    let share: Float

    init(_ index: Int, of count: Int, on old: Int, from first: Int = 0) {
      let place = count > 1 ? Double(index) * Double(old - 1) / Double(count - 1) : Double(old - 1) / 2
      let below = min(Int(place), old - 1)
      (low, high) = (first + below, first + min(below + 1, old - 1))
      share = Float(place - Double(below))
    }
  }

  package init(from: CanvasShape, to: CanvasShape) {
    precondition(from.panels.count == to.panels.count, "other panels")
    (self.from, self.to) = (from, to)
    frames = (0..<to.frames).map { Place($0, of: to.frames, on: from.frames) }
    bands = zip(from.panels, to.panels).flatMap { old, new in
      (0..<new.count).map { Place($0, of: new.count, on: old.count, from: old.lowerBound) }
    }
  }

  /// `[rows, frames, bands]` in the other size.
  package func callAsFunction(_ pictures: Tensor) -> Tensor {
    guard from != to else { return pictures }
    let rows = pictures.shape[0]
    return pictures.withUnsafeValues { values in
      Tensor(unsafeUninitialized: to.tensor(rows: rows)) { result in
        var place = 0
        for row in 0..<rows {
          for frame in frames {
            let low = (row * from.frames + frame.low) * from.bands
            let high = (row * from.frames + frame.high) * from.bands
            for band in bands {
              let below =
                values[low + band.low] + band.share * (values[low + band.high] - values[low + band.low])
              let above =
                values[high + band.low] + band.share * (values[high + band.high] - values[high + band.low])
              result[place] = below + frame.share * (above - below)
              place += 1
            }
          }
        }
      }
    }
  }

  /// Its transpose: gradients with respect to the pictures from those with respect to the zoomed ones.
  package func pullback(_ gradient: Tensor) -> Tensor {
    guard from != to else { return gradient }
    let rows = gradient.shape[0]
    var result = Tensor(from.tensor(rows: rows))
    result.withUnsafeMutableValues { result in
      gradient.withUnsafeValues { values in
        var place = 0
        for row in 0..<rows {
          for frame in frames {
            let low = (row * from.frames + frame.low) * from.bands
            let high = (row * from.frames + frame.high) * from.bands
            for band in bands {
              let above = values[place] * frame.share
              let below = values[place] - above
              result[low + band.low] += below * (1 - band.share)
              result[low + band.high] += below * band.share
              result[high + band.low] += above * (1 - band.share)
              result[high + band.high] += above * band.share
              place += 1
            }
          }
        }
      }
    }
    return result
  }
}

/// A smaller picture, seen by a network as a larger one.
package struct ZoomedLens: Lens {
  private let lens: any Lens
  private let zoom: Zoom

  package init(_ lens: any Lens, from: CanvasShape, to: CanvasShape) {
    (self.lens, zoom) = (lens, Zoom(from: from, to: to))
  }

  package func input(of pictures: Tensor) throws -> Tensor { try lens.input(of: zoom(pictures)) }

  package func pullback(_ gradient: Tensor, at pictures: Tensor) throws -> Tensor {
    zoom.pullback(try lens.pullback(gradient, at: zoom(pictures)))
  }
}

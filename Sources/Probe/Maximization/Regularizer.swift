package import Tensors

/// What is taken off the score of pictures, so that of all those that excite a unit the simple ones are found.
package protocol Regularizer: Sendable {
  /// Of each of the pictures `[rows, frames, bands]`.
  func values(_ pictures: Tensor, _ shape: CanvasShape) -> [Double]
  /// The gradient of the sum of these values, shaped as the pictures.
  func gradient(_ pictures: Tensor, _ shape: CanvasShape) -> Tensor
}

/// `Σ x²`: Montavon's `A − λ|x|²` with its weight λ.
package struct SquaredNorm: Regularizer {
  package init() {}

  package func values(_ pictures: Tensor, _ shape: CanvasShape) -> [Double] {
    pictures.sums(rows: shape.count) { $0 * $0 }
  }

  package func gradient(_ pictures: Tensor, _ shape: CanvasShape) -> Tensor { pictures.mapped { 2 * $0 } }
}

/// The mean over neighbours, along time and along frequency, of `√((a − b)² + ε²) − ε`: how much there is to see.
///
/// Rudin, Osher and Fatemi, 1992, each direction for itself, rounded off where neighbours are equal.
package struct TotalVariation: Regularizer {
  /// Differences well below it do not count.
  package var epsilon: Float = 0.01

  package init() {}

  package func values(_ pictures: Tensor, _ shape: CanvasShape) -> [Double] {
    let epsilon = Double(epsilon)
    return pictures.neighbourSums(shape, directions: [.time, .frequency]) { difference in
      (difference * difference + epsilon * epsilon).squareRoot() - epsilon
    }
  }

  package func gradient(_ pictures: Tensor, _ shape: CanvasShape) -> Tensor {
    pictures.neighbourGradient(shape, directions: [.time, .frequency]) { difference in
      difference / (difference * difference + epsilon * epsilon).squareRoot()
    }
  }
}

/// The mean over neighbouring bands of `(a − b)²`: no band of a sound is alone.
package struct FrequencyRoughness: Regularizer {
  package init() {}

  package func values(_ pictures: Tensor, _ shape: CanvasShape) -> [Double] {
    pictures.neighbourSums(shape, directions: [.frequency]) { $0 * $0 }
  }

  package func gradient(_ pictures: Tensor, _ shape: CanvasShape) -> Tensor {
    pictures.neighbourGradient(shape, directions: [.frequency]) { 2 * $0 }
  }
}

private enum Direction { case time, frequency }

extension Tensor {
  /// For each row, the sum of a function of its values.
  fileprivate func sums(rows width: Int, _ term: (Double) -> Double) -> [Double] {
    withUnsafeValues { values in
      (0..<shape[0]).map { row in
        values[row * width..<(row + 1) * width].reduce(0) { $0 + term(Double($1)) }
      }
    }
  }

  /// For each row, the sum over pairs of neighbours of a function of their difference, divided by the values of a row.
  fileprivate func neighbourSums(
    _ canvas: CanvasShape, directions: [Direction], _ term: (Double) -> Double
  ) -> [Double] {
    withUnsafeValues { values in
      (0..<shape[0]).map { row in
        var sum = 0.0
        canvas.eachPair(directions) { a, b in
          sum += term(Double(values[row * canvas.count + b]) - Double(values[row * canvas.count + a]))
        }
        return sum / Double(canvas.count)
      }
    }
  }

  /// The gradient of the sum of `neighbourSums`.
  ///
  /// - Parameter slope: the derivative of the function of a difference.
  fileprivate func neighbourGradient(
    _ canvas: CanvasShape, directions: [Direction], _ slope: (Float) -> Float
  ) -> Tensor {
    var gradient = Tensor(shape)
    let scale = 1 / Float(canvas.count)
    gradient.withUnsafeMutableValues { gradient in
      withUnsafeValues { values in
        for row in 0..<shape[0] {
          let start = row * canvas.count
          canvas.eachPair(directions) { a, b in
            let pull = slope(values[start + b] - values[start + a]) * scale
            gradient[start + b] += pull
            gradient[start + a] -= pull
          }
        }
      }
    }
    return gradient
  }
}

extension CanvasShape {
  /// The places of neighbours in a picture; panels are none of each other.
  fileprivate func eachPair(_ directions: [Direction], _ body: (Int, Int) -> Void) {
    for direction in directions {
      switch direction {
      case .time:
        for place in 0..<(frames - 1) * bands { body(place, place + bands) }
      case .frequency:
        for frame in 0..<frames {
          for panel in panels {
            for band in panel.dropLast() { body(frame * bands + band, frame * bands + band + 1) }
          }
        }
      }
    }
  }
}

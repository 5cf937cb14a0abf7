import Tensors

extension Tensor {
  /// A function of each element.
  func mapped(_ function: (Float) -> Float) -> Tensor {
    withUnsafeValues { values in
      Tensor(unsafeUninitialized: shape) { result in
        for place in result.indices { result[place] = function(values[place]) }
      }
    }
  }

  /// A function of each element and the one at its place in a tensor of the same shape.
  func combined(with other: Tensor, _ function: (Float, Float) -> Float) -> Tensor {
    precondition(shape == other.shape, "\(shape) beside \(other.shape)")
    return withUnsafeValues { a in
      other.withUnsafeValues { b in
        Tensor(unsafeUninitialized: shape) { result in
          for place in result.indices { result[place] = function(a[place], b[place]) }
        }
      }
    }
  }

  /// Adds `factors[row] · other`.
  mutating func add(_ other: Tensor, times factors: [Float]) {
    precondition(shape == other.shape && factors.count == shape[0], "\(shape) plus \(other.shape)")
    let width = count / max(1, factors.count)
    withUnsafeMutableValues { values in
      other.withUnsafeValues { other in
        for (row, factor) in factors.enumerated() {
          for place in row * width..<(row + 1) * width { values[place] += factor * other[place] }
        }
      }
    }
  }

  /// The root of the mean square of each row.
  var rowDeviations: [Float] {
    let rows = shape[0]
    let width = count / max(1, rows)
    return withUnsafeValues { values in
      (0..<rows).map { row in
        let square = values[row * width..<(row + 1) * width].reduce(0.0) { $0 + Double($1) * Double($1) }
        return Float((square / Double(max(1, width))).squareRoot())
      }
    }
  }

  /// `[rows, frames, bands]` moved by so many frames along time, what leaves at one end coming in at the other.
  func rolled(by shift: Int) -> Tensor {
    let (rows, frames, bands) = (shape[0], shape[1], shape[2])
    let shift = ((shift % frames) + frames) % frames
    guard shift != 0 else { return self }
    let cut = (frames - shift) * bands
    return withUnsafeValues { values in
      Tensor(unsafeUninitialized: shape) { result in
        for row in 0..<rows {
          let start = row * frames * bands
          for place in 0..<cut { result[start + shift * bands + place] = values[start + place] }
          for place in cut..<frames * bands { result[start + place - cut] = values[start + place] }
        }
      }
    }
  }
}

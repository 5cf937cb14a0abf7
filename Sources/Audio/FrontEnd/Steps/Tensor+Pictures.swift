import Glibc
package import Tensors

/// What the steps of pictures are made of.
extension Tensor {
  func mapped(_ change: (Float) -> Float) -> Tensor {
    withUnsafeValues { values in
      Tensor(unsafeUninitialized: shape) { result in
        for place in values.indices { result[place] = change(values[place]) }
      }
    }
  }

  func mappedByPlace(_ change: (Float, Int) -> Float) -> Tensor {
    withUnsafeValues { values in
      Tensor(unsafeUninitialized: shape) { result in
        for place in values.indices { result[place] = change(values[place], place) }
      }
    }
  }

  /// The first of the largest values, and where it stands; 0 where there is none.
  var maximum: (value: Float, place: Int) { extreme { $0 > $1 } }

  /// The first of the smallest values.
  var minimum: (value: Float, place: Int) { extreme { $0 < $1 } }

  /// The first of the values of the largest magnitude.
  var peak: (value: Float, place: Int) { extreme { abs($0) > abs($1) } }

  private func extreme(_ isBeyond: (Float, Float) -> Bool) -> (value: Float, place: Int) {
    withUnsafeValues { values in
      var best: (value: Float, place: Int) = (values.first ?? 0, 0)
      for place in values.indices where isBeyond(values[place], best.value) { best = (values[place], place) }
      return best
    }
  }

  var sum: Double { withUnsafeValues { $0.reduce(0) { $0 + Double($1) } } }

  func adding(_ value: Double, at place: Int) -> Tensor {
    guard count > 0 else { return self }
    var result = self
    result.withUnsafeMutableValues { $0[place] = Float(Double($0[place]) + value) }
    return result
  }

  /// Weighted sums along the last axis: `[…, n]` and a matrix `[m, n]` give `[…, m]`.
  func alongLastAxis(_ matrix: Tensor) -> Tensor {
    let (made, bands) = (matrix.shape[0], matrix.shape[1])
    var extents = shape.dimensions
    extents[extents.count - 1] = made
    let rows = count / max(1, bands)
    return Tensor(unsafeUninitialized: Shape(extents)) { result in
      withUnsafeValues { values in
        matrix.withUnsafeValues { weights in
          for row in 0..<rows {
            for index in 0..<made {
              var sum: Double = 0
              for band in 0..<bands {
                sum += Double(weights[index * bands + band]) * Double(values[row * bands + band])
              }
              result[row * made + index] = Float(sum)
            }
          }
        }
      }
    }
  }

  /// The matrix with rows and columns exchanged.
  package var transposed: Tensor {
    let (rows, columns) = (shape[0], shape[1])
    return Tensor(unsafeUninitialized: [columns, rows]) { result in
      withUnsafeValues { values in
        for row in 0..<rows {
          for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
        }
      }
    }
  }
}

func cosine(_ angle: Double) -> Double { cos(angle) }

extension PictureStep.Cepstra.Lifter {
  /// What coefficient `index` is multiplied by.
  func gain(_ index: Int) -> Double {
    switch self {
    case .none: 1
    case .librosa(let length): 1 + length / 2 * sin(Double.pi * Double(index + 1) / length)
    case .kaldi(let length): 1 + length / 2 * sin(Double.pi * Double(index) / length)
    }
  }
}

package import Tensors

extension Tensor {
  /// Pictures of equally many rows and frames, `[rows, frames, bands]`, the bands of one behind those of another.
  package init(sideBySide pictures: [Tensor]) {
    precondition(!pictures.isEmpty, "no pictures")
    let lines = pictures[0].shape[0] * pictures[0].shape[1]
    let width = pictures.reduce(0) { $0 + $1.shape[2] }
    self.init(unsafeUninitialized: [pictures[0].shape[0], pictures[0].shape[1], width]) { result in
      var first = 0
      for picture in pictures {
        let own = picture.shape[2]
        picture.withUnsafeValues { values in
          for line in 0..<lines {
            for band in 0..<own { result[line * width + first + band] = values[line * own + band] }
          }
        }
        first += own
      }
    }
  }

  /// These bands of a picture, `[…, bands]`.
  package func columns(_ range: Range<Int>) -> Tensor {
    let width = shape.dimensions.last ?? 1
    guard range != 0..<width else { return self }
    let lines = count / max(1, width)
    return Tensor(unsafeUninitialized: Shape(shape.dimensions.dropLast() + [range.count])) { result in
      withUnsafeValues { values in
        for line in 0..<lines {
          for place in 0..<range.count {
            result[line * range.count + place] = values[line * width + range.lowerBound + place]
          }
        }
      }
    }
  }
}

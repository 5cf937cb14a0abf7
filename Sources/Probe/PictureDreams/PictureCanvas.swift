import Models
import Tensors

/// A picture of one size while it is dreamt upon: its colours as floats of 0 to 255, plane by plane, and all the room that a
/// step takes, so that a step allocates nothing.
final class PictureCanvas {
  let width: Int
  let height: Int
  /// `[3, height, width]`
  var values: [Float]
  /// What the network is given, in its own layout.
  var input: [Float]
  /// With respect to the values, shifted back.
  var gradient: [Float]

  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    let count = 3 * width * height
    values = [Float](repeating: 0, count: count)
    input = values
    gradient = values
  }

  var pixels: Int { width * height }

  var picture: RGBPicture {
    let count = pixels
    let bytes = [UInt8](unsafeUninitializedCapacity: 3 * count) { bytes, written in
      values.withUnsafeBufferPointer { values in
        for place in 0..<count {
          for colour in 0..<3 { bytes[3 * place + colour] = RGBPicture.byte(values[colour * count + place]) }
        }
      }
      written = 3 * count
    }
    return RGBPicture(width: width, height: height, pixels: bytes)
  }

  func take(_ picture: RGBPicture) {
    precondition((picture.width, picture.height) == (width, height), "a picture of another size")
    let count = pixels
    for place in 0..<count {
      for colour in 0..<3 { values[colour * count + place] = Float(picture.pixels[3 * place + colour]) }
    }
  }

  /// Fills `input` with the picture moved by `(dx, dy)` around the edges.
  func fillInput(_ model: ImageModel, _ statistics: (mean: [Float], deviation: [Float]), dx: Int, dy: Int) {
    let (width, height, count) = (width, height, pixels)
    values.withUnsafeBufferPointer { values in
      input.withUnsafeMutableBufferPointer { input in
        for colour in 0..<3 {
          let (start, step) = model.plane(of: colour, pixels: count)
          let (mean, scale) = (statistics.mean[colour], 1 / statistics.deviation[colour])
          for row in 0..<height {
            let source = colour * count + (row + dy + height) % height * width
            let target = start + row * width * step
            for part in Self.halves(width, dx) {
              for column in part.columns {
                input[target + column * step] = (values[source + column + part.shift] - mean) * scale
              }
            }
          }
        }
      }
    }
  }

  /// Takes the gradient with respect to `input` back to the picture's own places and colours.
  ///
  /// - Returns: the mean of the magnitudes.
  func takeGradient(
    _ found: UnsafeBufferPointer<Float>, _ model: ImageModel,
    _ statistics: (mean: [Float], deviation: [Float]), dx: Int,
    dy: Int
  ) -> Double {
    let (width, height, count) = (width, height, pixels)
    var sum = 0.0
    gradient.withUnsafeMutableBufferPointer { gradient in
      for colour in 0..<3 {
        let (start, step) = model.plane(of: colour, pixels: count)
        let scale = 1 / statistics.deviation[colour]
        for row in 0..<height {
          let target = colour * count + (row + dy + height) % height * width
          let source = start + row * width * step
          var rowSum: Float = 0
          for part in Self.halves(width, dx) {
            for column in part.columns {
              let value = found[source + column * step] * scale
              gradient[target + column + part.shift] = value
              rowSum += abs(value)
            }
          }
          sum += Double(rowSum)
        }
      }
    }
    return sum / Double(3 * count)
  }

  /// The columns of a row that moves by `dx`, in two runs without a wrap inside.
  private static func halves(_ width: Int, _ dx: Int) -> [(columns: Range<Int>, shift: Int)] {
    let shift = (dx % width + width) % width
    return [(0..<width - shift, shift), (width - shift..<width, shift - width)]
  }

  /// `values += factor · gradient − variation · size · slope of the total variation`, within 0 to 255.
  func follow(factor: Float, variation: Float) {
    let (width, height, count) = (width, height, pixels)
    values.withUnsafeMutableBufferPointer { values in
      gradient.withUnsafeMutableBufferPointer { gradient in
        if variation != 0 {
          // Into the gradient first: all slopes are those of the picture before the step.
          for plane in stride(from: 0, to: 3 * count, by: count) {
            for row in 0..<height {
              let up = row > 0 ? -width : 0
              let down = row < height - 1 ? width : 0
              let start = plane + row * width
              for column in 0..<width {
                let place = start + column
                let own = values[place]
                let left = own - values[column > 0 ? place - 1 : place]
                let right = own - values[column < width - 1 ? place + 1 : place]
                let slope =
                  Self.slope(left) + Self.slope(right) + Self.slope(own - values[place + up])
                  + Self.slope(own - values[place + down])
                gradient[place] = factor * gradient[place] - variation * slope
              }
            }
          }
          for place in 0..<3 * count { values[place] = min(max(values[place] + gradient[place], 0), 255) }
        } else {
          for place in 0..<3 * count {
            values[place] = min(max(values[place] + factor * gradient[place], 0), 255)
          }
        }
      }
    }
  }

  @inline(__always) private static func slope(_ difference: Float) -> Float {
    difference / (difference * difference + 64).squareRoot()
  }
}

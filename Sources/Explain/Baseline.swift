public import Tensors

/// What counts as nothing: where paths to an input begin, and what takes the place of a part that is taken away.
///
/// Pictures have frames along the last axis but one and bands along the last.
public enum Baseline: Sendable, CustomStringConvertible {
  /// The same number everywhere: a front end's silence, or zero.
  case constant(Float)
  /// One row for every row of the input, or a row for each.
  case given(Tensor)
  /// A picture `[frames, bands]`, or `[samples]`, repeated over time: another sound.
  case repeated(Tensor)
  /// For each band, this quantile (0...1) of its values over time: the noise that the events stand out of.
  case noiseFloor(quantile: Double)
  /// The mean over the square that reaches this many places in each direction, cut off at the borders: the picture
  /// without its detail.
  case localMean(radius: Int)
  /// Normally distributed numbers with the mean and the standard deviation of the row. The same seed draws the same
  /// numbers.
  case noise(seed: UInt64)

  public var description: String {
    switch self {
    case .constant(let value): "\(value) everywhere"
    case .given: "given"
    case .repeated: "a given sound"
    case .noiseFloor(let quantile): "noise floor (quantile \(quantile) of each band)"
    case .localMean(let radius): "local mean (radius \(radius) bins)"
    case .noise(let seed): "Gaussian noise (seed \(seed))"
    }
  }

  /// The baseline of each row of `x`; shaped as `x`.
  ///
  /// - Throws: `ExplainError.baseline` where a given one has another shape, or `x` has no frames and bands.
  public func rows(like x: Tensor) throws -> Tensor {
    switch self {
    case .constant(let value): return Tensor(x.shape, repeating: value)
    case .given(let tensor): return try Self.laidOut(tensor, like: x)
    case .repeated(let samples) where samples.shape.rank == 1 && samples.count > 0:
      return x.eachRow { _, row in
        samples.withUnsafeValues { samples in
          Tensor(row.shape, (0..<row.count).map { samples[$0 % samples.count] })
        }
      }
    case .repeated(let picture):
      guard picture.shape.rank == 2, picture.count > 0, x.shape.dimensions.last == picture.shape[1] else {
        throw ExplainError.baseline(expected: "as many bands as the input \(x.shape)", got: picture.shape)
      }
      return try Self.eachPicture(of: x) { part in
        picture.withUnsafeValues { values in (0..<part.values.count).map { values[$0 % values.count] } }
      }
    case .noiseFloor(let quantile): return try Self.eachPicture(of: x) { $0.noiseFloor(quantile) }
    case .localMean(let radius): return try Self.eachPicture(of: x) { $0.localMean(max(0, radius)) }
    case .noise(let seed):
      var generator = GaussianGenerator(seed: seed)
      return x.eachRow { _, row in
        let (mean, deviation) = row.moments
        return Tensor(unsafeUninitialized: row.shape) { values in
          for place in values.indices { values[place] = mean + deviation * generator.normal() }
        }
      }
    }
  }

  private static func laidOut(_ tensor: Tensor, like x: Tensor) throws -> Tensor {
    if tensor.shape == x.shape { return tensor }
    let row = Shape([1] + x.shape.dimensions.dropFirst())
    guard tensor.count == row.count,
      [row.dimensions, Array(row.dimensions.dropFirst())].contains(tensor.shape.dimensions)
    else { throw ExplainError.baseline(expected: "one row of \(row)", got: tensor.shape) }
    return x.eachRow { _, _ in tensor.reshaped(to: row) }
  }

  private static func eachPicture(of x: Tensor, _ make: (Picture) -> [Float]) throws -> Tensor {
    guard x.shape.rank >= 3 else {
      throw ExplainError.baseline(
        expected: "frames and bands as the last two axes of the input", got: x.shape)
    }
    let (frames, bands) = (x.shape[x.shape.rank - 2], x.shape[x.shape.rank - 1])
    let size = frames * bands
    return Tensor(unsafeUninitialized: x.shape) { result in
      x.withUnsafeValues { values in
        for start in stride(from: 0, to: values.count, by: max(1, size)) {
          let picture = Picture(
            values: UnsafeBufferPointer(rebasing: values[start..<start + size]), frames: frames, bands: bands)
          for (place, value) in make(picture).enumerated() { result[start + place] = value }
        }
      }
    }
  }

  /// `[frames, bands]`.
  private struct Picture {
    let values: UnsafeBufferPointer<Float>
    let frames: Int
    let bands: Int

    func noiseFloor(_ quantile: Double) -> [Float] {
      let floor = (0..<bands).map { band in
        let sorted = (0..<frames).map { values[$0 * bands + band] }.sorted()
        let place = min(max(quantile, 0), 1) * Double(frames - 1)
        let (below, share) = (Int(place), Float(place - place.rounded(.down)))
        return sorted[below] + share * (sorted[min(below + 1, frames - 1)] - sorted[below])
      }
      return (0..<frames).flatMap { _ in floor }
    }

    /// By a table of the sums of all rectangles that begin at the first corner.
    func localMean(_ radius: Int) -> [Float] {
      let width = bands + 1
      var sums = [Double](repeating: 0, count: (frames + 1) * width)
      for frame in 0..<frames {
        var along = 0.0
        for band in 0..<bands {
          along += Double(values[frame * bands + band])
          sums[(frame + 1) * width + band + 1] = sums[frame * width + band + 1] + along
        }
      }
      var result = [Float](repeating: 0, count: frames * bands)
      for frame in 0..<frames {
        let (top, bottom) = (max(0, frame - radius), min(frames, frame + radius + 1))
        for band in 0..<bands {
          let (left, right) = (max(0, band - radius), min(bands, band + radius + 1))
          let sum =
            sums[bottom * width + right] - sums[top * width + right] - sums[bottom * width + left]
            + sums[top * width + left]
          result[frame * bands + band] = Float(sum / Double((bottom - top) * (right - left)))
        }
      }
      return result
    }
  }
}

extension Tensor {
  /// The mean of all elements and their standard deviation.
  var moments: (mean: Float, deviation: Float) {
    withUnsafeValues { values in
      guard !values.isEmpty else { return (0, 0) }
      let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
      let variance =
        values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
      return (Float(mean), Float(variance.squareRoot()))
    }
  }
}

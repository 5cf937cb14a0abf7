import Graphs
package import Models
package import Tensors

/// A picture under way: DeepDream upon an image network (Mordvintsev, Olah and Tyka, 2015).
///
/// Belongs to one thread at a time. Programs are compiled when wishes of a kind are first seen in a size (``prepare(_:)`` does
/// it ahead); steps after that compile nothing.
package final class PictureDream {
  package let model: ImageModel
  package let width: Int
  package let height: Int
  private let seed: UInt64
  private let programs: WishPrograms
  private let statistics: (mean: [Float], deviation: [Float])
  private var canvases: [Extent: PictureCanvas] = [:]
  /// The one that is dreamt upon: the full size, but inside `octaves`.
  private var canvas: PictureCanvas
  private let full: PictureCanvas
  /// Steps since the beginning, of which each has random numbers of its own.
  private var steps: UInt64 = 0

  private struct Extent: Hashable {
    let width: Int
    let height: Int
  }

  /// After so many steps the sizes of several wishes' gradients are measured again.
  private static let measuring: UInt64 = 16
  /// Smaller octaves are left at this, in pixels.
  private static let smallest = 32

  /// Begins with noise.
  ///
  /// - Throws: `GraphError` where the network does not take pictures of that size.
  package init(_ model: ImageModel, width: Int, height: Int, seed: UInt64) throws {
    precondition(width > 0 && height > 0, "a picture of nothing")
    _ = try model.shape(of: model.logits, width: width, height: height)
    (self.model, self.width, self.height, self.seed) = (model, width, height, seed)
    programs = WishPrograms(model)
    statistics = model.statistics
    full = PictureCanvas(width: width, height: height)
    canvas = full
    canvases[Extent(width: width, height: height)] = full
    try begin(with: nil)
  }

  /// As it is now; inside `octaves` in the octave's size.
  package var picture: RGBPicture { canvas.picture }

  /// The colours without rounding, 0 to 255, `[3, height, width]`.
  package var values: Tensor { Tensor([3, canvas.height, canvas.width], canvas.values) }

  /// Begins anew: with a picture, resized where it has another size, or (nil) with noise.
  package func begin(with picture: RGBPicture?) throws {
    canvas = full
    steps = 0
    if let picture {
      full.take(picture.resized(width: width, height: height))
    } else {
      DreamNoise(seed: seed).fill(full)
    }
  }

  /// Compiles programs in the full size, and looks at the pictures to be like, ahead.
  package func prepare(_ wishes: [DreamWish]) throws {
    guard !wishes.isEmpty else { return }
    _ = try programs.program(wishes, width: width, height: height)
  }

  /// One step. Of several wishes each has its share of the way: each one's gradient counts by its weight over the mean of its
  /// magnitudes, which is measured now and then.
  ///
  /// - Returns: the objective before the step: the wishes' values, by their weights.
  @discardableResult
  package func step(toward wishes: [WeightedWish], _ step: PictureStep) throws -> Double {
    let wanted = wishes.filter { $0.weight != 0 }
    guard !wanted.isEmpty else { return 0 }
    let program = try programs.program(wanted.map(\.wish), width: canvas.width, height: canvas.height)
    var random = SplitMix64(seed: step.seed &+ seed &* 0x9E37_79B9 &+ steps &* 0xD1B5_4A32_D192_ED03)
    let (dx, dy) = (shift(step.jitter, canvas.width, &random), shift(step.jitter, canvas.height, &random))
    canvas.fillInput(model, statistics, dx: dx, dy: dy)
    let weights = wanted.map(\.weight)
    var factors = weights
    if wanted.count > 1 {
      if program.sizes == nil || steps % Self.measuring == 0 {
        program.sizes = try sizes(of: program, wanted.count, dx, dy)
      }
      for (place, size) in (program.sizes ?? []).enumerated() {
        factors[place] = size > 0 ? weights[place] / Float(size) : 0
      }
    }
    steps += 1
    let (size, values) = try run(program, factors, dx, dy)
    if size > 0, size.isFinite {
      canvas.follow(factor: step.size / Float(size), variation: step.size * step.totalVariation)
    }
    return zip(weights, values).reduce(0) { $0 + Double($1.0) * $1.1 }
  }

  /// Steps in a few sizes, the smallest first; what they added is carried to the next size by bilinear zoom, and laid on the
  /// picture of that size.
  ///
  /// - Parameters:
  ///   - counts: steps of each octave, the smallest first; the last is the full size.
  ///   - scale: from one size to the next.
  ///   - each: after each step, with the octave, the step in it, and the objective before it; ends the dream by throwing,
  ///     which leaves the picture as it was before.
  package func octaves(
    toward wishes: [WeightedWish], _ step: PictureStep, counts: [Int], scale: Double,
    each: ((_ octave: Int, _ step: Int, _ objective: Double) throws -> Void)? = nil
  ) throws {
    precondition(!counts.isEmpty && scale > 1, "octaves of nothing")
    let sizes = counts.indices.map { octave -> Extent in
      let factor = Double.power(scale, counts.count - 1 - octave)
      func shrunk(_ side: Int) -> Int {
        max(min(side, Self.smallest), Int((Double(side) / factor).rounded()))
      }
      return Extent(width: shrunk(width), height: shrunk(height))
    }
    let base = full.values
    do {
      var before: PictureCanvas?
      var beforeBase: [Float] = []
      for (octave, size) in sizes.enumerated() {
        let isFull = octave == sizes.count - 1
        let next = isFull ? full : canvas(of: size)
        let nextBase = isFull ? base : resampled(base, Extent(width: width, height: height), size)
        if let before {
          var detail = before.values
          for place in detail.indices { detail[place] -= beforeBase[place] }
          let carried = resampled(detail, Extent(width: before.width, height: before.height), size)
          for place in nextBase.indices {
            next.values[place] = min(max(nextBase[place] + carried[place], 0), 255)
          }
        } else {
          next.values = nextBase
        }
        canvas = next
        for number in 0..<counts[octave] {
          let value = try self.step(toward: wishes, step)
          try each?(octave, number, value)
        }
        (before, beforeBase) = (next, nextBase)
      }
    } catch {
      full.values = base
      canvas = full
      throw error
    }
    canvas = full
  }

  // MARK: - Between frames

  /// Crops that much of each border, and scales what is left to the old size: bilinear. Fractions of pixels count.
  package func zoom(pixels: Double) {
    let crop = min(max(pixels, 0), Double(min(width, height)) / 4)
    guard crop > 0 else { return }
    let resampling = PlaneResampling(from: (width, height), to: (width, height), crop: crop)
    full.values = Self.resampled(full.values, resampling)
  }

  /// `picture · (1 − share) + other · share`
  package func blend(with other: RGBPicture, share: Float) {
    let other = other.resized(width: width, height: height)
    let count = full.pixels
    for place in 0..<count {
      for colour in 0..<3 {
        let own = full.values[colour * count + place]
        full.values[colour * count + place] = own + share * (Float(other.pixels[3 * place + colour]) - own)
      }
    }
  }

  /// Moves all colours: `saturation` scales their distance from grey (1: none), `brightness` is added in grey levels,
  /// `hue` turns them around the grey axis, in degrees.
  package func recolour(saturation: Float, brightness: Float, hue: Float) {
    guard saturation != 1 || brightness != 0 || hue != 0 else { return }
    let matrix = ColourTurn(saturation: saturation, hue: hue)
    let count = full.pixels
    full.values.withUnsafeMutableBufferPointer { values in
      for place in 0..<count {
        let colour = matrix.turned(values[place], values[count + place], values[2 * count + place])
        values[place] = min(max(colour.red + brightness, 0), 255)
        values[count + place] = min(max(colour.green + brightness, 0), 255)
        values[2 * count + place] = min(max(colour.blue + brightness, 0), 255)
      }
    }
  }

  // MARK: - Parts of a step

  private func shift(_ most: Int, _ extent: Int, _ random: inout SplitMix64) -> Int {
    let most = min(most, extent / 2)
    return most > 0 ? Int.random(in: -most...most, using: &random) : 0
  }

  private func run(_ program: WishProgram, _ factors: [Float], _ dx: Int, _ dy: Int) throws -> (
    Double, [Double]
  ) {
    let canvas = canvas
    return try canvas.input.withUnsafeBufferPointer { input in
      try program.run(model.input, input, factors: factors) { gradient, values in
        (canvas.takeGradient(gradient, model, statistics, dx: dx, dy: dy), values)
      }
    }
  }

  /// The mean magnitude of each wish's own gradient.
  private func sizes(of program: WishProgram, _ count: Int, _ dx: Int, _ dy: Int) throws -> [Double] {
    try (0..<count).map { place in
      var alone = [Float](repeating: 0, count: count)
      alone[place] = 1
      return try run(program, alone, dx, dy).0
    }
  }

  private func canvas(of size: Extent) -> PictureCanvas {
    if let known = canvases[size] { return known }
    let made = PictureCanvas(width: size.width, height: size.height)
    canvases[size] = made
    return made
  }

  private func resampled(_ planes: [Float], _ from: Extent, _ to: Extent) -> [Float] {
    guard from != to else { return planes }
    return Self.resampled(
      planes, PlaneResampling(from: (from.width, from.height), to: (to.width, to.height)))
  }

  private static func resampled(_ planes: [Float], _ resampling: PlaneResampling) -> [Float] {
    let (from, to) = (
      resampling.columns.from * resampling.rows.from, resampling.columns.to * resampling.rows.to
    )
    var result = [Float](repeating: 0, count: 3 * to)
    var scratch = [Float](repeating: 0, count: resampling.scratchCount)
    planes.withUnsafeBufferPointer { planes in
      scratch.withUnsafeMutableBufferPointer { scratch in
        result.withUnsafeMutableBufferPointer { result in
          guard let source = planes.baseAddress, let target = result.baseAddress,
            let between = scratch.baseAddress
          else {
            return
          }
          for colour in 0..<3 { resampling(source + colour * from, target + colour * to, scratch: between) }
        }
      }
    }
    return result
  }
}

extension Double {
  fileprivate static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}

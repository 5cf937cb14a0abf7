public import Tensors

extension PatchStep {
  /// - Parameter patch: `[channels, frames, bands]`; what comes back has the extents of ``extents(of:)``.
  public func apply(to patch: Tensor) -> Tensor {
    let (channels, frames, bands) = (patch.shape[0], patch.shape[1], patch.shape[2])
    switch self {
    case .values(let step): return step.apply(to: patch)
    case .resize(let newFrames, let newBands, let mode):
      return patch.alongFrames(mode.mixtures(from: frames, to: newFrames))
        .alongBands(mode.mixtures(from: bands, to: newBands))
    case .flip(.bands):
      return patch.rearranged(to: patch.shape) { $0 - $0 % bands + bands - 1 - $0 % bands }
    case .flip(.frames):
      return patch.rearranged(to: patch.shape) { place in
        let (row, band) = place.quotientAndRemainder(dividingBy: bands)
        return (row - row % frames + frames - 1 - row % frames) * bands + band
      }
    case .copies(let count):
      return Tensor(joining: [Tensor](repeating: patch, count: count))
    case .deltas(let deltas):
      return Tensor(
        joining: [patch]
          + (1...deltas.orders).map { order in
            patch.alongFrames(deltas.matrix(order: order, frames: frames).mixtures)
          })
    case .cut(let length):
      let kept = min(length, frames)
      return patch.rearranged(to: [channels, kept, bands]) { place in
        let (channel, rest) = place.quotientAndRemainder(dividingBy: kept * bands)
        return channel * frames * bands + rest
      }
    case .colours(let colours):
      return Tensor(
        joining: colours.curves.map { curve in
          patch.mapped { colours.value(of: $0, on: curve) }
        })
    case .channelStatistics(let mean, let deviation):
      let size = frames * bands
      return patch.mappedByPlace { value, place in
        let channel = min(place / max(1, size) % max(1, channels), mean.count - 1)
        return (value - Float(mean[channel])) / Float(deviation[channel])
      }
    }
  }
}

/// The places that one place of a result is made of, and their weights.
private typealias Mixture = [(place: Int, weight: Float)]

extension PatchStep.ResizeMode {
  /// What each of `new` places is made of, among `old` ones.
  fileprivate func mixtures(from old: Int, to new: Int) -> [Mixture] {
    (0..<new).map { place in
      switch self {
      case .nearest: return [(min(place * old / new, old - 1), 1)]
      case .bilinear:
        let position = max(0, (Double(place) + 0.5) * Double(old) / Double(new) - 0.5)
        let below = min(Int(position), old - 1)
        let part = Float(position - Double(below))
        return [(below, 1 - part), (min(below + 1, old - 1), part)]
      }
    }
  }
}

extension PatchStep.Deltas {
  /// The frames that the derivative of that order is made of at each frame, `[frames, frames]`.
  package func matrix(order: Int, frames: Int) -> Tensor {
    let reach = width / 2
    let offsets = (-reach...reach).map { Double($0) }
    let squares = offsets.reduce(0) { $0 + $1 * $1 }
    var matrix = Tensor([frames, frames])
    switch kind {
    case .slopes:
      for frame in 0..<frames {
        for (index, offset) in offsets.enumerated() {
          let place = min(max(frame + index - reach, 0), frames - 1)
          matrix[frame, place] += Float(offset / squares)
        }
      }
      guard order > 1 else { return matrix }
      return matrix.transposed.alongLastAxis(matrix).transposed
    case .fitted:
      // The derivative of the highest order is the same along the whole polynomial, so at the ends too.
      let mean = squares / Double(width)
      let spread = offsets.reduce(0) { $0 + ($1 * $1 - mean) * ($1 * $1 - mean) }
      for frame in 0..<frames {
        let centre = min(max(frame, reach), max(reach, frames - 1 - reach))
        for (index, offset) in offsets.enumerated() where centre + index - reach < frames {
          let weight = order == 1 ? offset / squares : 2 * (offset * offset - mean) / spread
          matrix[frame, centre + index - reach] = Float(weight)
        }
      }
      return matrix
    }
  }
}

extension PatchStep.Colours {
  /// Red, green and blue of the 256 entries, 0 to 1.
  package var curves: [[Float]] { (0..<3).map { colour in map.table.map { $0[colour] } } }

  /// The colour's share at a value; below 0 and above 1 that of the ends, and of NaN the first.
  @inline(__always)
  package func value(of value: Float, on curve: [Float]) -> Float {
    let unit = value > 0 ? min(value, 1) : 0
    guard isInterpolated else { return curve[min(Int(unit * 256), 255)] }
    let place = unit * 255
    let entry = min(Int(place), 254)
    return curve[entry] + (place - Float(entry)) * (curve[entry + 1] - curve[entry])
  }

  /// Its derivative: that of straight lines between entries; 0 at and beyond the ends.
  @inline(__always)
  package func slope(at value: Float, on curve: [Float]) -> Float {
    guard value > 0, value < 1 else { return 0 }
    let entry = min(Int(value * (isInterpolated ? 255 : 256)), 254)
    return 255 * (curve[entry + 1] - curve[entry])
  }
}

extension PatchStep.ColourMap {
  /// The 256 colours, red, green and blue of 0 to 1 each.
  fileprivate var table: [[Float]] {
    let digits =
      switch self {
      case .gray: ""
      case .magma: ColormapTables.magma
      case .viridis: ColormapTables.viridis
      case .inferno: ColormapTables.inferno
      }
    guard !digits.isEmpty else { return (0..<256).map { [Float](repeating: Float($0) / 255, count: 3) } }
    let values = digits.utf8.map { Int($0 < 58 ? $0 - 48 : $0 - 87) }
    return stride(from: 0, to: values.count, by: 6).map { start in
      (0..<3).map { colour -> Float in
        let place = start + 2 * colour
        return Float(values[place] * 16 + values[place + 1]) / 255
      }
    }
  }
}

extension Tensor {
  /// The rows of a matrix, where they are not 0.
  fileprivate var mixtures: [Mixture] {
    let (rows, columns) = (shape[0], shape[1])
    return withUnsafeValues { weights in
      (0..<rows).map { row in
        (0..<columns).compactMap { column in
          let weight = weights[row * columns + column]
          return weight == 0 ? nil : (column, weight)
        }
      }
    }
  }

  /// Mixtures of places along the middle of three axes.
  fileprivate func alongFrames(_ mixtures: [Mixture]) -> Tensor {
    let (channels, frames, bands) = (shape[0], shape[1], shape[2])
    return Tensor(unsafeUninitialized: [channels, mixtures.count, bands]) { result in
      result.update(repeating: 0)
      withUnsafeValues { values in
        for channel in 0..<channels {
          for (row, mixture) in mixtures.enumerated() {
            let target = (channel * mixtures.count + row) * bands
            for (frame, weight) in mixture {
              let source = (channel * frames + frame) * bands
              for band in 0..<bands { result[target + band] += weight * values[source + band] }
            }
          }
        }
      }
    }
  }

  /// Mixtures of places along the last of three axes.
  fileprivate func alongBands(_ mixtures: [Mixture]) -> Tensor {
    let (channels, frames, bands) = (shape[0], shape[1], shape[2])
    return Tensor(unsafeUninitialized: [channels, frames, mixtures.count]) { result in
      withUnsafeValues { values in
        var target = 0
        for row in 0..<channels * frames {
          for mixture in mixtures {
            var sum: Float = 0
            for (band, weight) in mixture { sum += weight * values[row * bands + band] }
            result[target] = sum
            target += 1
          }
        }
      }
    }
  }

  /// The values at `place(index)` for each index.
  fileprivate func rearranged(to shape: Shape, _ place: (Int) -> Int) -> Tensor {
    withUnsafeValues { values in
      Tensor(unsafeUninitialized: shape) { result in
        for index in result.indices { result[index] = values[place(index)] }
      }
    }
  }
}

package import Graphs
package import Models
package import Tensors

/// What in a network is to be excited, for each picture of a batch: all of one tensor, each picture its own.
package struct Excitation: Sendable {
  package let tensor: TensorName
  /// Of each picture.
  package let measures: [Measure]

  /// A number that a row of the tensor has.
  package enum Measure: Sendable {
    /// `Σ weight · element`, elements counted over all axes of a row.
    case sum([(element: Int, weight: Float)])
    /// `½ · mean of squares`: the layer's length. Where a gradient begins from it, it is the activations themselves.
    case energy
    /// The dot products with the places of another sound: see ``Guide``.
    case likeness(Guide)
  }

  package init(_ tensor: TensorName, _ measures: [Measure]) {
    (self.tensor, self.measures) = (tensor, measures)
  }

  /// The same pictures so many times each, one after another.
  package func repeated(_ count: Int) -> Excitation {
    Excitation(tensor, measures.flatMap { [Measure](repeating: $0, count: count) })
  }

  /// Whether the seeds of gradients hang on the values.
  package var isLinear: Bool {
    measures.allSatisfy { if case .sum = $0 { true } else { false } }
  }

  /// Each picture's number, the mean over its rows.
  ///
  /// - Parameter activations: the tensor's values, as many rows of each picture, one after another.
  package func values(_ activations: Tensor) -> [Double] {
    let each = activations.shape[0] / max(1, measures.count)
    let width = activations.count / max(1, activations.shape[0])
    return activations.withUnsafeValues { all in
      measures.enumerated().map { picture, measure in
        (picture * each..<(picture + 1) * each).reduce(0) { sum, row in
          let values = UnsafeBufferPointer(rebasing: all[row * width..<(row + 1) * width])
          return sum + measure.value(values)
        } / Double(max(1, each))
      }
    }
  }

  /// What gradients of the sum of each picture's rows begin with, shaped as the activations.
  ///
  /// - Parameter activations: only their shape counts where ``isLinear``.
  package func seed(_ activations: Tensor) -> Tensor {
    let each = activations.shape[0] / max(1, measures.count)
    let width = activations.count / max(1, activations.shape[0])
    var seed = Tensor(activations.shape)
    seed.withUnsafeMutableValues { seed in
      activations.withUnsafeValues { all in
        for (picture, measure) in measures.enumerated() {
          for row in picture * each..<(picture + 1) * each {
            let range = row * width..<(row + 1) * width
            measure.fill(
              UnsafeMutableBufferPointer(rebasing: seed[range]), UnsafeBufferPointer(rebasing: all[range]))
          }
        }
      }
    }
    return seed
  }
}

extension Excitation.Measure {
  fileprivate func value(_ row: UnsafeBufferPointer<Float>) -> Double {
    switch self {
    case .sum(let terms): terms.reduce(0) { $0 + Double($1.weight) * Double(row[$1.element]) }
    case .energy: row.reduce(0) { $0 + Double($1) * Double($1) } / Double(2 * max(1, row.count))
    case .likeness(let guide): guide.value(row)
    }
  }

  fileprivate func fill(_ seed: UnsafeMutableBufferPointer<Float>, _ row: UnsafeBufferPointer<Float>) {
    switch self {
    case .sum(let terms): for term in terms { seed[term.element] += term.weight }
    case .energy:
      for place in row.indices { seed[place] = row[place] / Float(row.count) }
    case .likeness(let guide): guide.fill(seed, row)
    }
  }
}

extension Excitation {
  /// The explained score of classes, the mean over a patch's moments: a picture for each class.
  package static func classes(_ indices: [Int], of model: AudioModel) throws -> Excitation {
    let layout = model.output.layout
    let measures = try indices.map { index in
      guard (0..<layout.classes).contains(index) else {
        throw ModelError.noSuchClass(index, classes: layout.classes)
      }
      return Measure.sum(
        (0..<layout.moments).map {
          (layout.element(class: index, moment: $0), 1 / Float(layout.moments))
        })
    }
    return Excitation(model.logits, measures)
  }

  /// Channels of a layer, each the mean over its places: a picture for each channel.
  ///
  /// - Parameter isCentred: only the place in the middle, one unit.
  /// - Throws: `ProbeError.noChannel`.
  package static func channels(_ indices: [Int], of layer: LayerGeometry, isCentred: Bool = false) throws
    -> Excitation
  {
    let places = layer.elements
    let measures = try indices.map { index in
      guard places.indices.contains(index) else {
        throw ProbeError.noChannel(index, of: layer.tensor, channels: layer.channels)
      }
      let own = isCentred ? [places[index][layer.middle]] : places[index]
      return Measure.sum(own.map { ($0, 1 / Float(own.count)) })
    }
    return Excitation(layer.tensor, measures)
  }
}

extension LayerGeometry {
  /// For each channel, the elements of a row that are its places, band by band and frame by frame.
  package var elements: [[Int]] {
    let count = row.reduce(1, *)
    // Single precision counts up to 2^24: larger numbers in two halves.
    func halves(_ part: (Int) -> Int) -> [Float] {
      maps(Tensor(Shape([1] + row), (0..<count).map { Float(part($0)) })).values
    }
    let (low, high) = (halves { $0 & 0xffff }, halves { $0 >> 16 })
    let width = places
    return (0..<channels).map { channel in
      (channel * width..<(channel + 1) * width).map { Int(high[$0]) << 16 + Int(low[$0]) }
    }
  }

  /// Among a channel's places, the one in the middle of the picture.
  package var middle: Int { time.count / 2 * band.count + band.count / 2 }
}

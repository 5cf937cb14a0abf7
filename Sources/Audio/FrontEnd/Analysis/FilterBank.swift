import Glibc
import Tensors

/// The bands of a front end as weights of its transform's bins, only their nonzero stretches kept.
struct FilterBank: Sendable {
  /// The first bin of each band, and where its weights begin in `weights`; `starts` has one more, the end.
  let firstBins: [Int]
  let starts: [Int]
  let weights: [Float]
  let bins: Int
  /// Bands four by four, for vectors: their sums then need no sums across a vector.
  private let fours: [Four]
  /// The weights of four bands in each of the bins between the first and the last that one of them has.
  private let weightsOfFours: [SIMD4<Float>]

  private struct Four {
    let firstBin: Int
    let pairs: Int
  }

  var bands: Int { firstBins.count }

  /// The bank of that analysis, made once.
  static func shared(for analysis: FrontEnd.Analysis, sampleRate: Int) -> FilterBank {
    let key = Key(
      sampleRate: sampleRate, fft: analysis.fft, bands: analysis.bands,
      doubling: analysis.windowScaling.isOneSided ? analysis.spectrum.exponent : 0)
    return cache.value(key) { FilterBank($0) }
  }

  private struct Key: Hashable {
    let sampleRate: Int
    let fft: Int
    let bands: FrontEnd.Bands
    /// The exponent of magnitudes whose power is doubled in all bins but the first and the middle one; 0 for none.
    let doubling: Double

    var bins: Int { fft / 2 + 1 }
    func hertz(_ bin: Int) -> Double { Double(bin) * Double(sampleRate) / Double(fft) }
  }

  private static let cache = Cache<Key, FilterBank>()

  private init(_ key: Key) {
    bins = key.bins
    var firstBins = [Int]()
    var starts = [0]
    var weights = [Float]()
    for stretch in Self.stretches(key) {
      firstBins.append(stretch.first)
      weights += stretch.weights.enumerated().map { offset, weight in
        let bin = stretch.first + offset
        let isAlone = bin == 0 || 2 * bin == key.fft
        return Float(isAlone ? weight : weight * pow(2, key.doubling / 2))
      }
      starts.append(weights.count)
    }
    (self.firstBins, self.starts, self.weights) = (firstBins, starts, weights)
    var fours = [Four]()
    var ofFours = [SIMD4<Float>]()
    for band in stride(from: 0, to: firstBins.count, by: 4) {
      let bands = (band..<min(band + 4, firstBins.count)).filter { starts[$0] < starts[$0 + 1] }
      let first = bands.map { firstBins[$0] }.min() ?? 0
      let end = bands.map { firstBins[$0] + starts[$0 + 1] - starts[$0] }.max() ?? 0
      let start = ofFours.count
      let pairs = (end - first + 1) / 2
      fours.append(Four(firstBin: first, pairs: pairs))
      ofFours += [SIMD4<Float>](repeating: .zero, count: 2 * pairs)
      for other in bands {
        for index in starts[other]..<starts[other + 1] {
          ofFours[start + firstBins[other] - first + index - starts[other]][other - band] = weights[index]
        }
      }
    }
    (self.fours, weightsOfFours) = (fours, ofFours)
  }

  /// `Σ_k weight[b, k] energies[k]` for each band `b`.
  func sum(_ energies: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    fours.withUnsafeBufferPointer { fours in
      weightsOfFours.withUnsafeBufferPointer { weights in
        guard var weight = weights.baseAddress else { return target.update(repeating: 0, count: bands) }
        for (index, four) in fours.enumerated() {
          var sums = SIMD4<Float>.zero
          var others = SIMD4<Float>.zero
          var energy = energies + four.firstBin
          for _ in 0..<four.pairs {
            sums += weight[0] * energy[0]
            others += weight[1] * energy[1]
            (weight, energy) = (weight + 2, energy + 2)
          }
          sums += others
          let band = 4 * index
          if band + 4 <= bands {
            UnsafeMutableRawPointer(target + band).storeBytes(of: sums, as: SIMD4<Float>.self)
          } else {
            for other in band..<bands { target[other] = sums[other - band] }
          }
        }
      }
    }
  }

  /// The nonzero weights of a band, from bin `first` on.
  private typealias Stretch = (first: Int, weights: [Double])

  private static func stretches(_ key: Key) -> [Stretch] {
    switch key.bands {
    case .mel(let mel):
      let edges = mel.edges
      return (0..<mel.bands).map { triangle(mel, $0, edges, key) }
    case .linear:
      return key.bands.bins(sampleRate: key.sampleRate, fft: key.fft).map { (first: $0, weights: [1]) }
    case .logarithmic(let count, let lowest, let highest):
      return (0..<count).map { band in
        let octaves = log2(highest / lowest) * Double(band) / Double(max(1, count - 1))
        let place = min(lowest * exp2(octaves) / key.hertz(1), Double(key.bins - 1))
        let part = place - place.rounded(.down)
        return (first: Int(place), weights: part > 0 ? [1 - part, part] : [1])
      }
    }
  }

  private static func triangle(_ mel: FrontEnd.Mel, _ band: Int, _ edges: [FrontEnd.Mel.Edge], _ key: Key)
    -> Stretch
  {
    let norm = mel.norm == .slaney ? 2 / (edges[band + 2].hertz - edges[band].hertz) : 1
    // Where its origin leaves out the first or the last bin.
    let bins =
      switch mel.construction {
      case .tensorflow: 1..<key.bins
      case .kaldi: 0..<(key.fft + 1) / 2
      case .librosa, .speechbrain: 0..<key.bins
      }
    var stretch: Stretch = (0, [])
    for bin in bins {
      let height = mel.triangle(band, at: key.hertz(bin), edges)
      if height > 0 {
        if stretch.weights.isEmpty { stretch.first = bin }
        stretch.weights.append(norm * height)
      } else if !stretch.weights.isEmpty {
        break
      }
    }
    return stretch
  }

  /// All weights, `[bands, bins]`.
  var dense: Tensor {
    Tensor(unsafeUninitialized: [bands, bins]) { buffer in
      buffer.update(repeating: 0)
      for band in 0..<bands {
        for index in starts[band]..<starts[band + 1] {
          buffer[band * bins + firstBins[band] + index - starts[band]] = weights[index]
        }
      }
    }
  }
}

extension FrontEnd.Mel {
  /// A frequency on the scale it is heard on and in hertz.
  struct Edge {
    let mel: Double
    let hertz: Double
  }

  /// The `bands + 2` edges, evenly spaced in mel: triangle `b` rises from edge `b`, peaks at `b + 1`, ends at `b + 2`.
  var edges: [Edge] {
    let low = scale.mel(ofHertz: lowest)
    let high = scale.mel(ofHertz: highest)
    return (0..<bands + 2).map { index in
      let mel = low + (high - low) * Double(index) / Double(bands + 1)
      return Edge(mel: mel, hertz: scale.hertz(ofMel: mel))
    }
  }

  /// The height of triangle `band` at a frequency, before normalisation.
  func triangle(_ band: Int, at hertz: Double, _ edges: [Edge]) -> Double {
    let place = position(ofHertz: hertz)
    let (low, centre, high) = (position(edges[band]), position(edges[band + 1]), position(edges[band + 2]))
    let fall = construction == .speechbrain ? centre - low : high - centre
    return max(0, min((place - low) / (centre - low), (centre + fall - place) / fall))
  }

  /// Whether triangles are straight in mel rather than in hertz.
  private var isStraightInMel: Bool { construction == .tensorflow || construction == .kaldi }

  /// The coordinate in which the triangles are straight.
  func position(_ edge: Edge) -> Double { isStraightInMel ? edge.mel : edge.hertz }
  func position(ofHertz hertz: Double) -> Double { isStraightInMel ? scale.mel(ofHertz: hertz) : hertz }
}

import Synchronization
import Tensors

/// The mel triangles of a front end over its FFT bins, only their nonzero stretches kept.
struct FilterBank: Sendable {
  /// The first bin of each band, and where its weights begin in `weights`; `starts` has one more, the end.
  let firstBins: [Int]
  let starts: [Int]
  let weights: [Float]
  let bins: Int

  var bands: Int { firstBins.count }

  /// The bank of that front end, made once.
  static func shared(for frontEnd: FrontEnd) -> FilterBank {
    let key = Key(sampleRate: frontEnd.sampleRate, fft: frontEnd.fft, mel: frontEnd.mel)
    if let known = cache.withLock({ $0[key] }) { return known }
    let bank = FilterBank(frontEnd)
    cache.withLock { cache in
      if cache.count >= 32 { cache.removeAll() }
      cache[key] = bank
    }
    return bank
  }

  private init(_ frontEnd: FrontEnd) {
    let mel = frontEnd.mel
    let edges = mel.edges
    bins = frontEnd.fft / 2 + 1
    var firstBins = [Int]()
    var starts = [0]
    var weights = [Float]()
    for band in 0..<mel.bands {
      let norm = mel.norm == .slaney ? 2 / (edges[band + 2].hertz - edges[band].hertz) : 1
      var first = 0
      var stretch = [Float]()
      for bin in (mel.construction == .tensorflow ? 1 : 0)..<bins {
        let hertz = Double(bin) * Double(frontEnd.sampleRate) / Double(frontEnd.fft)
        let height = mel.triangle(band, at: hertz, edges)
        if height > 0 {
          if stretch.isEmpty { first = bin }
          stretch.append(Float(norm * height))
        } else if !stretch.isEmpty {
          break
        }
      }
      firstBins.append(first)
      weights += stretch
      starts.append(weights.count)
    }
    (self.firstBins, self.starts, self.weights) = (firstBins, starts, weights)
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

  private struct Key: Hashable {
    let sampleRate: Int
    let fft: Int
    let mel: FrontEnd.Mel
  }

  private static let cache = Mutex<[Key: FilterBank]>([:])
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
    return max(0, min((place - low) / (centre - low), (high - place) / (high - centre)))
  }

  /// The coordinate in which the triangles are straight.
  func position(_ edge: Edge) -> Double { construction == .tensorflow ? edge.mel : edge.hertz }
  func position(ofHertz hertz: Double) -> Double {
    construction == .tensorflow ? scale.mel(ofHertz: hertz) : hertz
  }
}

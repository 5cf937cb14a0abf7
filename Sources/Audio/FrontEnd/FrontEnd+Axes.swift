import Glibc
public import Tensors

extension FrontEnd {
  /// From one frame to the next, in seconds.
  public var hopSeconds: Double { Double(hop) / Double(sampleRate) }

  /// From one patch to the next, in seconds.
  public var patchHopSeconds: Double { Double(patch.hop) * hopSeconds }

  /// How much sound one patch spans, from its first window's begin to its last window's end, in seconds.
  public var patchSeconds: Double { Double((patch.frames - 1) * hop + window) / Double(sampleRate) }

  /// The centre of frame `frame`'s window in the original samples, in seconds.
  public func frameTime(_ frame: Double) -> Double {
    (frame * Double(hop) + firstCentre) / Double(sampleRate)
  }

  /// The centre of frame `frame`'s window in the original samples, in seconds.
  public func frameTime(_ frame: Int) -> Double { frameTime(Double(frame)) }

  /// The frame, with a fraction, whose window is centred on `seconds`: the inverse of `frameTime`.
  public func frame(at seconds: Double) -> Double {
    (seconds * Double(sampleRate) - firstCentre) / Double(hop)
  }

  /// The centre of the first window, in samples.
  private var firstCentre: Double {
    switch analysis?.framing {
    case .centred?: 0
    case .fromStart?: Double(window) / 2
    case .insideTransform?: Double((fft - window) / 2) + Double(window) / 2
    case .hopCentred?: Double(hop) / 2
    case nil: -Double(leading)
    }
  }

  /// Whether bands stand for frequencies: not where the network takes samples, nor where the picture shows cepstra.
  public var hasFrequencies: Bool { !isSamples && !hasCepstra }

  private var hasCepstra: Bool {
    steps.contains { if case .cepstra = $0 { true } else { false } }
  }

  /// From the lowest to the highest frequency that the network hears, in hertz.
  public var bandRange: ClosedRange<Double> {
    hasFrequencies ? analysis?.bands.range ?? wholeRange : wholeRange
  }

  private var wholeRange: ClosedRange<Double> { 0...Double(sampleRate) / 2 }

  /// The `bands + 2` edges of the bands in hertz: band `b` spans edges `b` to `b + 2` and peaks at `b + 1`.
  ///
  /// Without frequencies they divide those from 0 to half the sample rate evenly.
  public var bandEdges: [Double] {
    guard hasFrequencies, let bands = analysis?.bands else {
      return (0..<bandCount + 2).map { Double(sampleRate) / 2 * Double($0) / Double(bandCount + 1) }
    }
    switch bands {
    case .mel(let mel): return mel.edges.map(\.hertz)
    case .linear:
      let bins = bands.bins(sampleRate: sampleRate, fft: fft)
      return (bins.lowerBound - 1...bins.upperBound).map {
        min(max(0, Double($0)), Double(fft) / 2) * Double(sampleRate) / Double(fft)
      }
    case .logarithmic(let count, let lowest, let highest):
      let octaves = log2(highest / lowest) / Double(max(1, count - 1))
      return (-1...count).map { lowest * exp2(octaves * Double($0)) }
    }
  }

  /// Where each band peaks, in hertz.
  public var bandCentres: [Double] { bandEdges.dropFirst().dropLast() }

  /// Where a frequency lies on the coordinate along which bands are straight lines: mel, hertz or octaves.
  public func bandPosition(ofHertz hertz: Double) -> Double {
    guard hasFrequencies else { return hertz }
    return switch analysis?.bands {
    case .mel(let mel)?: mel.position(ofHertz: hertz)
    case .logarithmic?: log2(max(hertz, 1e-9))
    case .linear?, nil: hertz
    }
  }

  /// Where a frequency lies on the scale on which bands are evenly spaced: mel, hertz or octaves.
  public func bandPitch(ofHertz hertz: Double) -> Double {
    mel.map { $0.scale.mel(ofHertz: hertz) } ?? bandPosition(ofHertz: hertz)
  }

  /// The bands as weights of bins, `[bands, fft / 2 + 1]`: a band is the sum over bins of weight times spectrum.
  public var melWeights: Tensor {
    guard let analysis else { return Tensor([1, 1], repeating: 1) }
    return FilterBank.shared(for: analysis, sampleRate: sampleRate).dense
  }

  /// The value of a band without any energy, on average over bands.
  ///
  /// Where steps depend on the sound it is what they make of silence in a sound of usual loudness: `−range` where
  /// decibels count from the maximum, 0 behind a standardisation.
  public var silence: Float {
    let bands = silentBands
    return Float(bands.reduce(0) { $0 + Double($1) } / Double(max(1, bands.count)))
  }

  /// The value of each band without any energy, as ``silence``.
  public var silentBands: [Float] {
    let energy = isSamples ? 0 : Compressor(analysis?.compression).value(of: 0)
    let counted = analysis?.bands.count(sampleRate: sampleRate, fft: fft) ?? 1
    var picture = Tensor([1, counted], repeating: energy)
    var countsFromMaximum = false
    for operation in PictureOperation.all(of: self) {
      switch operation {
      case .step(.subtractMaximum): countsFromMaximum = true
      case .step(.raiseToRange(let range)):
        if countsFromMaximum { picture = picture.mapped { max($0, -Float(range)) } }
      case .step(.standardise(let standardisation)):
        if standardisation.centres { picture = picture.mapped { _ in 0 } }
      case .step(.unitRange): picture = picture.mapped { _ in 0 }
      case .step, .pcen: picture = operation.apply(to: picture)
      }
    }
    return picture.values
  }
}

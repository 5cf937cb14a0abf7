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
    let centre = frame * Double(hop) + (framing == .centred ? 0 : Double(window) / 2)
    return centre / Double(sampleRate)
  }

  /// The centre of frame `frame`'s window in the original samples, in seconds.
  public func frameTime(_ frame: Int) -> Double { frameTime(Double(frame)) }

  /// The frame, with a fraction, whose window is centred on `seconds`: the inverse of `frameTime`.
  public func frame(at seconds: Double) -> Double {
    let centre = seconds * Double(sampleRate) - (framing == .centred ? 0 : Double(window) / 2)
    return centre / Double(hop)
  }

  /// The `bands + 2` edges of the triangles in hertz: band `b` spans edges `b` to `b + 2` and peaks at `b + 1`.
  public var bandEdges: [Double] { mel.edges.map(\.hertz) }

  /// Where each band's triangle peaks, in hertz.
  public var bandCentres: [Double] { bandEdges.dropFirst().dropLast() }

  /// The filterbank, `[bands, fft / 2 + 1]`: a band is the sum over bins of weight times spectrum.
  public var melWeights: Tensor { FilterBank.shared(for: self).dense }

  /// The value of a band without any energy.
  public var silence: Float { compression(of: 0) }

  /// A band's energy, compressed.
  @inline(__always)
  func compression(of energy: Float) -> Float {
    switch compression {
    case .log(.natural, let scale, let offset): naturalLog(Float(scale) * energy + Float(offset))
    case .log(.ten, let scale, let offset): decimalLog(Float(scale) * energy + Float(offset))
    case .decibels(let floor): 10 * decimalLog(max(energy, Float(floor)))
    case .none: energy
    }
  }
}

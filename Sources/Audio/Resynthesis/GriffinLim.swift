import Fourier
import Glibc
public import Tensors

/// A sound for magnitudes without phases: fast Griffin-Lim.
///
/// From random phases on, the sound nearest to the spectrum is transformed again, and its phases, pushed on by what they
/// changed, are given to the magnitudes `S`:
/// `Y[n] = STFT(ISTFT(X[n]))`, `X[n + 1] = S · D / |D|` with `D = Y[n] − m / (1 + m) · Y[n − 1]`.
/// Perraudin, Balazs and Søndergaard, WASPAA 2013; `librosa.griffinlim`, whose result for given starting phases this is to
/// rounding. Frames are computed on several threads, and the result does not depend on how many.
public struct GriffinLim: Sendable {
  public var iterations: Int
  /// 0 for the algorithm of 1984.
  public var momentum: Double
  /// Of the random phases.
  public var seed: UInt64

  public init(iterations: Int = 32, momentum: Double = 0.99, seed: UInt64 = 0) {
    precondition(iterations >= 0 && momentum >= 0, "\(iterations) iterations of a momentum of \(momentum)")
    (self.iterations, self.momentum, self.seed) = (iterations, momentum, seed)
  }

  /// The sound of magnitudes `[frames, bins]` on a grid's frames, `grid.count` samples. Magnitudes that are negative or no
  /// number count as 0.
  ///
  /// - Parameters:
  ///   - start: where the search begins, in place of random phases: cosine and sine of each bin, `[frames, bins, 2]`. Bins
  ///     whose two values are 0 begin with a random one.
  ///   - known: phases that stay as they are, in the same form; bins whose two values are 0 are free.
  ///   - progress: called after each iteration with the share that is done; what it throws ends the search.
  public func sound(
    of magnitudes: Tensor, on grid: FrameGrid, start: Tensor? = nil, known: Tensor? = nil,
    progress: (Double) throws -> Void
  ) rethrows -> [Float] {
    let (frames, bins) = (grid.frames, grid.bins)
    precondition(
      magnitudes.shape == [frames, bins], "magnitudes of \(magnitudes.shape), not of [\(frames), \(bins)]")
    for phases in [start, known] {
      precondition(
        phases.map { $0.shape == [frames, bins, 2] } ?? true, "phases that are not of [\(frames), \(bins), 2]"
      )
    }
    // Scaled to a peak of 1, so that squares neither vanish nor overflow.
    let peak = magnitudes.withUnsafeValues { $0.reduce(0) { $1 < .infinity ? max($0, $1) : $0 } }
    guard peak > 0 else { return [Float](repeating: 0, count: grid.count) }
    let scaled = magnitudes.mapped { $0 > 0 && $0 < .infinity ? min($0 / peak, 1) : 0 }
    var sound = [Float](repeating: 0, count: grid.extent)
    var previous = [Float](repeating: 0, count: frames * 2 * bins)
    try sound.withUnsafeMutableBufferPointer { sound in
      try previous.withUnsafeMutableBufferPointer { previous in
        guard let sound = sound.baseAddress, let previous = previous.baseAddress else { return }
        let search = Search(grid: grid, magnitudes: scaled, known: known, sound: sound, previous: previous)
        search.begin(start: start, seed: seed)
        for iteration in 0..<iterations {
          search.step(share: iteration == 0 ? 0 : Float(momentum / (1 + momentum)))
          try progress(Double(iteration + 1) / Double(iterations))
        }
      }
    }
    return sound[grid.lead..<grid.lead + grid.count].map { $0 * peak }
  }

  /// The same without anybody to tell.
  public func sound(
    of magnitudes: Tensor, on grid: FrameGrid, start: Tensor? = nil, known: Tensor? = nil
  ) -> [Float] {
    sound(of: magnitudes, on: grid, start: start, known: known, progress: { _ in })
  }
}

/// One search: the sound so far, and the spectrum that it had before. Threads work on frames of their own.
private struct Search: @unchecked Sendable {
  let grid: FrameGrid
  /// `[frames, bins]`
  let magnitudes: Tensor
  let known: Tensor?
  let sound: UnsafeMutablePointer<Float>
  /// `Y[n − 1]`, `[frames, bins, 2]`.
  let previous: UnsafeMutablePointer<Float>
  private let room: FrameOverlay

  init(
    grid: FrameGrid, magnitudes: Tensor, known: Tensor?, sound: UnsafeMutablePointer<Float>,
    previous: UnsafeMutablePointer<Float>
  ) {
    (self.grid, self.magnitudes, self.known) = (grid, magnitudes, known)
    (self.sound, self.previous) = (sound, previous)
    room = FrameOverlay(grid)
  }

  /// The sound of the first phases.
  func begin(start: Tensor?, seed: UInt64) {
    let bins = grid.bins
    grid.overlay(into: sound, room) { frame, buffers in
      var bits = SplitMix64(seed: SplitMix64.mixed(SplitMix64.mixed(seed) &+ UInt64(frame)))
      let parts = buffers.parts
      row(frame) { magnitudes, known in
        start.row(frame) { start in
          for bin in 0..<bins {
            let angle = 2 * Float.pi * Float(bits.next() >> 40) * 0x1p-24
            var (real, imaginary) = (cosf(angle), sinf(angle))
            if let start, start[2 * bin] != 0 || start[2 * bin + 1] != 0 {
              (real, imaginary) = (start[2 * bin], start[2 * bin + 1])
            }
            parts[2 * bin] = Double(magnitudes[bin] * real)
            parts[2 * bin + 1] = Double(magnitudes[bin] * imaginary)
          }
        }
        Self.keep(known, magnitudes, parts, bins)
      }
    }
  }

  /// One iteration.
  func step(share: Float) {
    let bins = grid.bins
    grid.overlay(into: sound, room) { frame, buffers in
      grid.transform(frame, of: sound, in: buffers)
      row(frame) { magnitudes, known in
        Self.turn(buffers.parts, previous + frame * 2 * bins, magnitudes, bins, share)
        Self.keep(known, magnitudes, buffers.parts, bins)
      }
    }
  }

  private func row(_ frame: Int, _ body: (UnsafePointer<Float>, UnsafePointer<Float>?) -> Void) {
    magnitudes.withUnsafeValues { magnitudes in
      guard let start = magnitudes.baseAddress else { return }
      known.row(frame) { known in body(start + frame * grid.bins, known) }
    }
  }

  /// Gives the magnitudes the phases of `Y − share · Y before`, where `parts` holds `Y`, and keeps `Y`. Where next to
  /// nothing is left to take a phase from, the magnitude fades with it.
  private static func turn(
    _ parts: UnsafeMutablePointer<Double>, _ previous: UnsafeMutablePointer<Float>,
    _ magnitudes: UnsafePointer<Float>, _ bins: Int, _ share: Float
  ) {
    let least: Float = 1e-30
    var bin = 0
    while bin + 4 <= bins {
      let place = UnsafeMutableRawPointer(parts + 2 * bin)
      let before = UnsafeMutableRawPointer(previous + 2 * bin)
      let now = SIMD8<Float>(place.loadUnaligned(as: SIMD8<Double>.self))
      let ahead = now - share * before.loadUnaligned(as: SIMD8<Float>.self)
      before.storeBytes(of: now, as: SIMD8<Float>.self)
      let (real, imaginary) = (ahead.evenHalf, ahead.oddHalf)
      let square = real * real + imaginary * imaginary
      let root = (square + least).squareRoot()
      let gain = UnsafeRawPointer(magnitudes + bin).loadUnaligned(as: SIMD4<Float>.self) / root
      var turned = SIMD8<Float>()
      (turned.evenHalf, turned.oddHalf) = (real * gain, imaginary * gain)
      place.storeBytes(of: SIMD8<Double>(turned), as: SIMD8<Double>.self)
      bin += 4
    }
    while bin < bins {
      let now = (Float(parts[2 * bin]), Float(parts[2 * bin + 1]))
      let ahead = (now.0 - share * previous[2 * bin], now.1 - share * previous[2 * bin + 1])
      (previous[2 * bin], previous[2 * bin + 1]) = now
      let gain = magnitudes[bin] / (ahead.0 * ahead.0 + ahead.1 * ahead.1 + least).squareRoot()
      (parts[2 * bin], parts[2 * bin + 1]) = (Double(ahead.0 * gain), Double(ahead.1 * gain))
      bin += 1
    }
  }

  private static func keep(
    _ known: UnsafePointer<Float>?, _ magnitudes: UnsafePointer<Float>, _ parts: UnsafeMutablePointer<Double>,
    _ bins: Int
  ) {
    guard let known else { return }
    for bin in 0..<bins where known[2 * bin] != 0 || known[2 * bin + 1] != 0 {
      parts[2 * bin] = Double(magnitudes[bin] * known[2 * bin])
      parts[2 * bin + 1] = Double(magnitudes[bin] * known[2 * bin + 1])
    }
  }
}

extension Tensor? {
  /// The values of row `index`; nil where there is no tensor.
  fileprivate func row(_ index: Int, _ body: (UnsafePointer<Float>?) -> Void) {
    guard let self else { return body(nil) }
    let width = self.count / Swift.max(1, self.shape[0])
    self.withUnsafeValues { values in body(values.baseAddress.map { $0 + index * width }) }
  }
}

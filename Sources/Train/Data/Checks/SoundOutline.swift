import Fourier
import Glibc

/// A coarse picture of a sound by which near duplicates are found: the same recording louder or softer, at another rate, or
/// through a codec; not one that was cut differently.
///
/// Decibels of the energy in 8 bands from 100 to 3600 Hz and in 16 equal parts of the sound's duration, at most 60 below
/// the greatest, less their mean. What telephones pass is what copies at low rates keep.
struct SoundOutline: Sendable, Hashable {
  static let parts = 16
  static let bands = 8
  static let lowest = 100.0
  static let highest = 3600.0
  /// In decibels.
  static let range: Float = 60

  /// `[parts, bands]`.
  let levels: [Float]
  /// The same less each band's mean over time: what happens when.
  let events: [Float]

  /// In decibels: the root mean square of the differences of copies through a codec stays below.
  static let nearestDifference: Float = 1
  /// The least correlation of the events of copies. Two takes of one noise have the same levels, and none.
  static let leastCorrelation: Float = 0.8
  /// In decibels: events smaller than this, as of a steady tone, tell nothing.
  static let leastEvents: Float = 0.2

  /// - Parameter energies: `[parts, bands]`; nil where there is no energy at all.
  init?(energies: [Double]) {
    let most = energies.max() ?? 0
    guard most > 0 else { return nil }
    let floor = most * pow(10, -Double(Self.range) / 10)
    var levels = energies.map { Float(10 * log10(max($0, floor) / most)) }
    let mean = levels.reduce(0, +) / Float(levels.count)
    for place in levels.indices { levels[place] -= mean }
    var events = levels
    for band in 0..<Self.bands {
      let places = (0..<Self.parts).map { $0 * Self.bands + band }
      let mean = places.reduce(0) { $0 + levels[$1] } / Float(Self.parts)
      for place in places { events[place] -= mean }
    }
    let size = (events.reduce(0) { $0 + $1 * $1 } / Float(events.count)).squareRoot()
    guard size >= Self.leastEvents else { return nil }
    self.levels = levels
    // Of length 1, so that a product is a correlation.
    let length = size * Float(events.count).squareRoot()
    self.events = events.map { $0 / length }
  }

  /// Whether two sounds are most likely copies of one recording.
  func isNear(_ other: SoundOutline) -> Bool {
    let bound = Self.nearestDifference * Self.nearestDifference * Float(levels.count)
    var distance: Float = 0
    for place in levels.indices {
      let difference = levels[place] - other.levels[place]
      distance += difference * difference
      // Most pairs differ at once.
      if distance > bound { return false }
    }
    return zip(events, other.events).reduce(0) { $0 + $1.0 * $1.1 } >= Self.leastCorrelation
  }
}

/// Makes the outline of a sound that comes piece by piece.
struct SoundOutliner {
  private let size: Int
  private let window: [Double]
  /// The first bin of each band, and the end of the last one.
  private let edges: [Int]
  private let plan: RealFourierPlan
  private let buffers: RealFourierBuffers
  private var pending: [Float] = []
  /// `[frames, bands]`.
  private var energies: [Double] = []

  /// Of a frame, in seconds.
  private static let frame = 0.046

  init(sampleRate: Int) {
    let size = max(32, Int((Double(sampleRate) * Self.frame / 16).rounded()) * 16)
    self.size = size
    window = (0..<size).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(size)) }
    edges = (0...SoundOutline.bands).map { band in
      let share = Double(band) / Double(SoundOutline.bands)
      let hertz = SoundOutline.lowest * pow(SoundOutline.highest / SoundOutline.lowest, share)
      return min(Int((hertz * Double(size) / Double(sampleRate)).rounded()), size / 2)
    }
    plan = RealFourierPlan.shared(size)
    buffers = RealFourierBuffers(size)
  }

  mutating func add(_ channels: [[Float]]) {
    guard var mix = channels.first else { return }
    for channel in channels.dropFirst() { for place in mix.indices { mix[place] += channel[place] } }
    pending += mix
    var start = 0
    while pending.count - start >= size {
      transform(from: start)
      start += size
    }
    pending.removeFirst(start)
  }

  private mutating func transform(from start: Int) {
    for place in 0..<size { buffers.samples[place] = Double(pending[start + place]) * window[place] }
    plan.transform(buffers)
    for band in 0..<SoundOutline.bands {
      var energy = 0.0
      for bin in edges[band]..<max(edges[band], edges[band + 1]) {
        let (real, imaginary) = (buffers.parts[2 * bin], buffers.parts[2 * bin + 1])
        energy += real * real + imaginary * imaginary
      }
      energies.append(energy)
    }
  }

  /// Nil for a sound of fewer frames than the outline has parts, for silence, and for what does not change.
  var outline: SoundOutline? {
    let (parts, bands) = (SoundOutline.parts, SoundOutline.bands)
    let frames = energies.count / bands
    guard frames >= parts else { return nil }
    var pooled = [Double](repeating: 0, count: parts * bands)
    var counts = [Int](repeating: 0, count: parts)
    for frame in 0..<frames {
      let part = frame * parts / frames
      counts[part] += 1
      for band in 0..<bands { pooled[part * bands + band] += energies[frame * bands + band] }
    }
    for part in 0..<parts {
      for band in 0..<bands { pooled[part * bands + band] /= Double(max(1, counts[part])) }
    }
    return SoundOutline(energies: pooled)
  }
}

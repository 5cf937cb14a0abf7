/// How frames are read from a sound: where each begins, what lies beyond the sound's ends, and what is done to it
/// before its transform. With the transposed derivative of all that.
struct FrameReader: Sendable {
  let analysis: FrontEnd.Analysis
  let window: [Double]
  let firstSample: Int
  /// The samples there are, and those there are with the zeros that the tail rule adds.
  let count: Int
  let prepared: Int
  private let isPlain: Bool

  init(_ analysis: FrontEnd.Analysis, of frontEnd: FrontEnd, samples count: Int) {
    self.analysis = analysis
    window = analysis.windowWeights(sampleRate: frontEnd.sampleRate)
    firstSample = frontEnd.firstSample
    (self.count, prepared) = (count, frontEnd.preparedCount(samples: count))
    isPlain = !analysis.removesFrameMean && analysis.framePreEmphasis == 0
  }

  private func start(_ frame: Int) -> Int { firstSample + frame * analysis.hop }

  private func isInside(_ frame: Int) -> Bool {
    start(frame) >= 0 && start(frame) + window.count <= count
  }

  /// The sample that stands at a place, beyond the ends too; nil where silence does.
  private func index(_ place: Int) -> Int? {
    guard let place = analysis.padding.index(place, of: prepared), place < count else { return nil }
    return place
  }

  /// The weighted samples of a frame, into the first `window` places of `target`.
  func load(
    _ frame: Int, of samples: UnsafeBufferPointer<Float>, into target: UnsafeMutablePointer<Double>,
    _ stretch: FrameStretch
  ) {
    let (start, length) = (start(frame), window.count)
    window.withUnsafeBufferPointer { window in
      if isPlain, isInside(frame), let source = samples.baseAddress {
        let source = source + start
        for place in 0..<length { target[place] = Double(source[place]) * window[place] }
        return
      }
      if !stretch.frames.contains(frame) { fill(stretch, from: frame, of: samples) }
      let first = frame - stretch.frames.lowerBound
      let source = UnsafePointer(stretch.samples + first * analysis.hop)
      // Before the first sample stands the first; the mean taken off before an emphasis is the rest of it taken off
      // behind.
      let (firstSample, lastSample) = stretch.ends[first]
      let factor = analysis.framePreEmphasis
      var rest = 0.0
      if analysis.removesFrameMean {
        rest = (Self.sum(source + 1, length - 1) + firstSample - factor * lastSample) / Double(length)
      }
      for place in 0..<length { target[place] = (source[place] - rest) * window[place] }
      target[0] = (firstSample - factor * firstSample - rest) * window[0]
    }
  }

  /// Emphasises what the next frames read, which overlap, so once for all; of those that reach beyond the ends, each
  /// alone.
  private func fill(_ stretch: FrameStretch, from frame: Int, of samples: UnsafeBufferPointer<Float>) {
    let (start, length, factor) = (start(frame), window.count, analysis.framePreEmphasis)
    var frames = 1
    if isInside(frame), let source = samples.baseAddress {
      while frames < stretch.most, isInside(frame + frames) { frames += 1 }
      let source = source + start
      stretch.samples[0] = Double(source[0])
      for place in 1..<(frames - 1) * analysis.hop + length {
        stretch.samples[place] = Double(source[place]) - factor * Double(source[place - 1])
      }
      for index in 0..<frames {
        let first = index * analysis.hop
        stretch.ends[index] = (Double(source[first]), Double(source[first + length - 1]))
      }
    } else {
      var before = 0.0
      for place in 0..<length {
        let sample = index(start + place).map { Double(samples[$0]) } ?? 0
        stretch.samples[place] = sample - factor * before
        before = sample
      }
      stretch.ends[0] = (stretch.samples[0], before)
    }
    stretch.frames = frame..<frame + frames
  }

  /// Eight sums at once: each addition waits for the one before.
  private static func sum(_ values: UnsafePointer<Double>, _ count: Int) -> Double {
    var sums = SIMD8<Double>.zero
    var place = 0
    while place + 8 <= count {
      sums += UnsafeRawPointer(values + place).loadUnaligned(as: SIMD8<Double>.self)
      place += 8
    }
    var sum = sums.sum()
    while place < count {
      sum += values[place]
      place += 1
    }
    return sum
  }

  /// Adds to the samples' gradient, of which `target` holds those from `first` on, that of a frame, which it
  /// overwrites.
  func add(
    _ gradient: UnsafeMutablePointer<Double>, of frame: Int, to target: UnsafeMutableBufferPointer<Double>,
    from first: Int
  ) {
    let length = window.count
    window.withUnsafeBufferPointer { window in
      for place in window.indices { gradient[place] *= window[place] }
    }
    let factor = analysis.framePreEmphasis
    if factor != 0 {
      gradient[0] -= factor * gradient[0]
      for place in 0..<length - 1 { gradient[place] -= factor * gradient[place + 1] }
    }
    if analysis.removesFrameMean {
      let mean = Self.sum(gradient, length) / Double(length)
      for place in 0..<length { gradient[place] -= mean }
    }
    let start = start(frame)
    if isInside(frame) {
      for place in 0..<length { target[start - first + place] += gradient[place] }
    } else {
      for place in 0..<length {
        if let index = index(start + place) { target[index - first] += gradient[place] }
      }
    }
  }

  /// The samples that frames read.
  func samples(of frames: Range<Int>) -> Range<Int> {
    guard !frames.isEmpty, count > 0 else { return 0..<0 }
    // What is mirrored or repeated lies within a window of the end.
    if isInside(frames.lowerBound) && isInside(frames.upperBound - 1) {
      return start(frames.lowerBound)..<start(frames.upperBound - 1) + window.count
    }
    return 0..<count
  }
}

/// What one thread reads frames from: emphasised samples of frames that follow one another.
final class FrameStretch {
  fileprivate(set) var frames = 0..<0
  /// How many at most: so few that what they read lies in the cache of a core.
  fileprivate let most: Int
  /// `x[i] − factor · x[i − 1]`; of the first, the sample itself.
  fileprivate let samples: UnsafeMutablePointer<Double>
  /// The first and the last sample of each frame before the emphasis.
  fileprivate var ends: [(first: Double, last: Double)]

  init(_ analysis: FrontEnd.Analysis) {
    most = analysis.hop < analysis.window ? 16 : 1
    samples = .allocate(capacity: (most - 1) * analysis.hop + analysis.window)
    ends = Array(repeating: (0, 0), count: most)
  }

  deinit { samples.deallocate() }
}

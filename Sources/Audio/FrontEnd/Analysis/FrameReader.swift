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
    var place = place
    if place < 0 || place >= prepared {
      guard prepared > 0 else { return nil }
      switch analysis.padding {
      case .none, .constant: return nil
      case .edge: place = min(max(place, 0), prepared - 1)
      case .reflect:
        let period = max(1, 2 * (prepared - 1))
        let turned = ((place % period) + period) % period
        place = turned < prepared ? turned : period - turned
      case .symmetric:
        let turned = ((place % (2 * prepared)) + 2 * prepared) % (2 * prepared)
        place = turned < prepared ? turned : 2 * prepared - 1 - turned
      }
    }
    return place < count ? place : nil
  }

  /// The weighted samples of a frame, into the first `window` places of `target`.
  ///
  /// - Parameter room: of `window + 1` values.
  func load(
    _ frame: Int, of samples: UnsafeBufferPointer<Float>, into target: UnsafeMutablePointer<Double>,
    room: UnsafeMutablePointer<Double>
  ) {
    let (start, length) = (start(frame), window.count)
    window.withUnsafeBufferPointer { window in
      if isInside(frame), let source = samples.baseAddress {
        let source = source + start
        if isPlain {
          for place in 0..<length { target[place] = Double(source[place]) * window[place] }
          return
        }
        for place in 0..<length { room[place + 1] = Double(source[place]) }
      } else {
        for place in 0..<length { room[place + 1] = index(start + place).map { Double(samples[$0]) } ?? 0 }
      }
      // The mean taken off before an emphasis is the rest of it taken off behind; before the first sample stands the
      // first.
      let factor = analysis.framePreEmphasis
      let mean = analysis.removesFrameMean ? (1 - factor) * Self.mean(room + 1, length) : 0
      room[0] = room[1]
      for place in 0..<length {
        target[place] = (room[place + 1] - factor * room[place] - mean) * window[place]
      }
    }
  }

  /// Eight sums at once: each addition waits for the one before.
  private static func mean(_ frame: UnsafeMutablePointer<Double>, _ length: Int) -> Double {
    var sums = SIMD8<Double>.zero
    var place = 0
    while place + 8 <= length {
      sums += UnsafeRawPointer(frame + place).loadUnaligned(as: SIMD8<Double>.self)
      place += 8
    }
    var sum = sums.sum()
    while place < length {
      sum += frame[place]
      place += 1
    }
    return sum / Double(length)
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
      let mean = Self.mean(gradient, length)
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

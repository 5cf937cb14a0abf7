import Probe

/// What one layer makes of one sound, patch by patch: each channel's mean, and its strongest places.
///
/// A place competes with its patch's other places first: of each patch a channel has one candidate, the largest (the first of
/// equals). Of candidates that see the same sound (more than half of the shorter one) the larger one stays, and of those
/// that are left the `perFile` largest.
///
/// Sendable because one thread at a time looks at a layer.
final class LayerTally: @unchecked Sendable {
  private let places: PlaceGeometry
  private let perFile: Int
  private let timeCount: Int
  private let bandCount: Int
  private let keepsPlaces: Bool
  private let channels: Int
  private var sums: [Double]
  private var count = 0
  /// `perFile` for each channel, of which ``counts`` are there, the largest first; none before the first one.
  private var strongest: [CandidatePlace] = []
  private var counts: [Int] = []

  init(_ layer: ObservedLayer, _ places: PlaceGeometry, perFile: Int) {
    (self.places, self.perFile) = (places, perFile)
    (timeCount, bandCount) = (layer.geometry.time.count, layer.geometry.band.count)
    keepsPlaces = !layer.isEmbedding
    channels = layer.geometry.channels
    sums = [Double](repeating: 0, count: channels)
  }

  /// Takes in one patch.
  ///
  /// - Parameters:
  ///   - map: `[channels, times, bands]`.
  ///   - thresholds: what a value must exceed to be of interest, channel by channel.
  func add(_ map: UnsafePointer<Float>, at moment: PatchMoment, thresholds: UnsafePointer<Float>) {
    let stride = timeCount * bandCount
    let inside = places.times(in: moment) * bandCount
    count += inside
    sums.withUnsafeMutableBufferPointer { sums in
      for channel in sums.indices {
        let values = map + channel * stride
        let (sum, maximum) = inside == 1 ? (values[0], values[0]) : sumAndMaximum(values, inside)
        sums[channel] += Double(sum)
        if maximum > thresholds[channel], keepsPlaces {
          consider(channel, maximum, UnsafeBufferPointer(start: values, count: inside), moment)
        }
      }
    }
  }

  private func consider(
    _ channel: Int, _ value: Float, _ values: UnsafeBufferPointer<Float>, _ moment: PatchMoment
  ) {
    guard let place = values.firstIndex(of: value) else { return }
    let seconds = places.seconds(ofTime: place / bandCount, in: moment)
    let hertz = places.hertz(ofBand: place % bandCount)
    let new = CandidatePlace(
      channel: UInt32(channel), value: value, start: Float(seconds.lowerBound),
      end: Float(seconds.upperBound),
      low: Float(hertz.lowerBound), high: Float(hertz.upperBound), patch: UInt32(moment.index),
      place: UInt32(place))
    compete(new, channel)
  }

  /// Each channel's mean over the places of all patches; nil where one is no number.
  var means: [Float]? {
    let means = sums.map { Float($0 / Double(max(1, count))) }
    return means.allSatisfy(\.isFinite) ? means : nil
  }

  /// By channel, then the largest first.
  var candidates: [CandidatePlace] {
    counts.indices.flatMap { strongest[$0 * perFile..<$0 * perFile + counts[$0]] }
  }

  /// Takes in a place of a channel, if it is one of the strongest of the sound; equals stand as they came.
  private func compete(_ new: CandidatePlace, _ channel: Int) {
    if counts.isEmpty {
      counts = [Int](repeating: 0, count: channels)
      strongest = [CandidatePlace](repeating: new, count: channels * perFile)
    }
    let first = channel * perFile
    let present = first..<first + counts[channel]
    for place in present where strongest[place].value >= new.value && strongest[place].sharesSound(with: new)
    {
      return
    }
    var end = first
    for place in present where !strongest[place].sharesSound(with: new) {
      strongest[end] = strongest[place]
      end += 1
    }
    var place = first
    while place < end, strongest[place].value >= new.value { place += 1 }
    let last = min(end, first + perFile - 1)
    if place <= last {
      for index in stride(from: last, to: place, by: -1) { strongest[index] = strongest[index - 1] }
      strongest[place] = new
      end = last + 1
    }
    counts[channel] = end - first
  }
}

extension CandidatePlace {
  /// Whether more than half of the shorter of two excerpts is in both.
  func sharesSound(with other: CandidatePlace) -> Bool {
    let shared = Swift.min(end, other.end) - Swift.max(start, other.start)
    return shared > 0.5 * Swift.min(end - start, other.end - other.start)
  }
}

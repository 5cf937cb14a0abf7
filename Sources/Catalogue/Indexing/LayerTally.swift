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
  private var sums: [Double]
  private var count = 0
  private var strongest: [Int: [CandidatePlace]] = [:]

  init(_ layer: ObservedLayer, _ places: PlaceGeometry, perFile: Int) {
    (self.places, self.perFile) = (places, perFile)
    (timeCount, bandCount) = (layer.geometry.time.count, layer.geometry.band.count)
    keepsPlaces = !layer.isEmbedding
    sums = [Double](repeating: 0, count: layer.geometry.channels)
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
    strongest[channel, default: []].compete(new, most: perFile)
  }

  /// Each channel's mean over the places of all patches; nil where one is no number.
  var means: [Float]? {
    let means = sums.map { Float($0 / Double(max(1, count))) }
    return means.allSatisfy(\.isFinite) ? means : nil
  }

  /// By channel, then the largest first.
  var candidates: [CandidatePlace] { strongest.keys.sorted().flatMap { strongest[$0] ?? [] } }
}

extension [CandidatePlace] {
  /// Takes in a place of a channel, if it is one of the strongest of the file; the largest first, equals as they came.
  mutating func compete(_ new: CandidatePlace, most: Int) {
    let rivals = indices.filter { self[$0].sharesSound(with: new) }
    guard rivals.allSatisfy({ self[$0].value < new.value }) else { return }
    for place in rivals.reversed() { remove(at: place) }
    insert(new, at: firstIndex { $0.value < new.value } ?? count)
    if count > most { removeLast() }
  }
}

extension CandidatePlace {
  /// Whether more than half of the shorter of two excerpts is in both.
  func sharesSound(with other: CandidatePlace) -> Bool {
    let shared = Swift.min(end, other.end) - Swift.max(start, other.start)
    return shared > 0.5 * Swift.min(end - start, other.end - other.start)
  }
}

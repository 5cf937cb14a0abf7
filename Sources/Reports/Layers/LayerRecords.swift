package import Probe

/// What a layer makes of a clip, as `look --json` tells it.
package struct LayerLookRecord: Codable, Sendable {
  package let sound: String
  package let layer: String
  /// In the outline of the network, from 1 on.
  @OrNull package var number: Int?
  package let kind: LayerOutline.Kind
  package let channels: Int
  /// Places of one patch.
  package let times: Int
  package let bands: Int
  /// What a place sees, in seconds and hertz.
  package let fieldSeconds: Double
  package let fieldHertz: Double
  /// Whether attention or a recurrence lets every place hear the whole patch.
  package let hearsAll: Bool
  /// Channels that are zero throughout the clip, and those that are the same everywhere but not zero.
  package let dead: [Int]
  package let constant: [Int]
  /// The channels shown, in their order.
  package let shown: [Int]
  /// Where the layer's energy is largest; in seconds.
  @OrNull package var energyPeakSeconds: Double?
  package let files: [String]

  private enum CodingKeys: String, CodingKey {
    case sound, layer, number, kind, channels, times, bands, dead, constant, shown, files
    case fieldSeconds = "field_s"
    case fieldHertz = "field_hz"
    case hearsAll = "hears_all"
    case energyPeakSeconds = "energy_peak_s"
  }
}

/// What one channel follows in a clip.
package struct ChannelRecord: Codable, Sendable {
  package let sound: String
  package let layer: String
  package let channel: Int
  package let lowest: Float
  package let highest: Float
  /// The standard deviation over the clip.
  package let strength: Float
  /// Where it is farthest from its mean.
  @OrNull package var peakSeconds: Double?
  @OrNull package var peakHertz: Double?
  /// Of the clip's energy, what the channel follows.
  package let heardShare: Double
  package let files: [String]

  private enum CodingKeys: String, CodingKey {
    case sound, layer, channel, lowest, highest, strength, files
    case peakSeconds = "peak_s"
    case peakHertz = "peak_hz"
    case heardShare = "heard_share"
  }
}

/// One filter of a first layer, as `filters --json` tells it.
package struct FilterRecord: Codable, Sendable {
  package let layer: String
  package let channel: Int
  /// In the order in which filters are shown, from 1 on.
  package let rank: Int
  @OrNull package var orientation: Orientation.Kind?
  /// Of the kernel's lines: 0 along time, 90 along frequency.
  @OrNull package var angleDegrees: Double?
  @OrNull package var coherence: Double?
  package let extentSeconds: Double
  package let extentHertz: Double
  @OrNull package var centreHertz: Double?
  @OrNull package var bandwidthHertz: Double?
  package let norm: Float

  private enum CodingKeys: String, CodingKey {
    case layer, channel, rank, orientation, coherence, norm
    case angleDegrees = "angle_deg"
    case extentSeconds = "extent_s"
    case extentHertz = "extent_hz"
    case centreHertz = "centre_hz"
    case bandwidthHertz = "bandwidth_hz"
  }

  package init(_ filter: FirstFilters.Filter, rank: Int, of filters: FirstFilters) {
    (layer, channel, self.rank) = (filters.tensor, filter.channel, rank)
    let isOriented = filter.orientation != nil
    orientation = filter.orientation?.kind
    angleDegrees = isOriented ? filter.orientation?.angle : nil
    coherence = filter.orientation?.coherence
    (extentSeconds, extentHertz) = filters.extent
    centreHertz = filter.centre
    bandwidthHertz = filter.response?.bandwidth
    norm = filter.norm
  }
}

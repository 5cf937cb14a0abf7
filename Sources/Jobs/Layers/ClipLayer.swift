package import Audio
package import Explain
import Models
import Probe
import Reports
import Tensors

/// What one layer of a model makes of a clip.
package struct ClipLayer: Sendable {
  package let heard: HeardClip
  private let maps: ClipMaps
  private let axes: GridAxes
  /// Whether the places of frequency run from high to low in the network.
  private let isTurned: Bool

  /// - Parameter index: among ``OutlinedLayer/index``.
  /// - Throws: `Cancelled`; `ClipLayerError.noLayer`; `ProbeError.notByPatch`; `GraphError`.
  package init(_ heard: HeardClip, index: Int, control: RunControl = RunControl()) throws {
    let model = heard.model
    let layers = try LayerOutline(model.network, upTo: model.logits).layers
    guard layers.indices.contains(index) else { throw ClipLayerError.noLayer(index, layers: layers.count) }
    var found: ClipMaps?
    try ClipMaps.each(
      [layers[index]], of: model, heard.listening, seconds: heard.clip.recording.duration, control: control
    ) { maps, _ in found = maps }
    guard let maps = found else { throw ProbeError.notByPatch(layers[index].tensor) }
    (self.heard, self.maps) = (heard, maps)
    (axes, isTurned) = Self.axes(maps, model)
  }

  private static func axes(_ maps: ClipMaps, _ model: AudioModel) -> (axes: GridAxes, isTurned: Bool) {
    let hop = model.axes.meanHop
    let left = model.axes.meanStart - hop / 2
    let hertz = (0..<maps.bands).compactMap { maps.geometry.hertz(ofBand: $0, of: model) }
    let isTurned = (hertz.first ?? 0) > (hertz.last ?? 0)
    var panels: [GridAxes.Panel] = []
    if hertz.count == maps.bands {
      let panel = model.axes.panels[maps.geometry.panel(of: model).index]
      panels = [
        GridAxes.Panel(
          name: "", bands: isTurned ? hertz.reversed() : hertz, scale: panel.scale == nil ? "linear" : "mel",
          range: [panel.range.lowerBound, panel.range.upperBound])
      ]
    }
    return (
      GridAxes(
        start: left + 0.5 * maps.step * hop, hop: maps.step * hop, frames: maps.columns, panels: panels),
      isTurned
    )
  }

  /// The tensor.
  package var name: String { maps.layer.tensor }

  /// What it holds in memory, in bytes.
  package var byteCount: Int { 4 * maps.values.count }

  package enum Order: String, Sendable, CaseIterable {
    /// The strongest first.
    case strength
    /// As the network numbers them.
    case index
  }

  /// Maps of channels as bytes.
  package struct Picture: Sendable {
    /// `[channels, frames, bands]`, the magnitude of each value: 255 is the channel's limit.
    package let maps: [UInt8]
    package let shape: [Int]
    package let facts: Facts

    package struct Facts: Codable, Sendable {
      package let axes: GridAxes
      package let layer: String
      package let channels: [Channel]
      /// Of the layer.
      package let total: Int
    }
  }

  package struct Channel: Codable, Sendable {
    package let index: Int
    /// The standard deviation over the clip.
    package let strength: Float
    /// The largest magnitude.
    package let limit: Float
    /// Of all places, those where it is not zero.
    package let shareActive: Double
  }

  /// The first `top` channels in that order.
  package func picture(_ order: Order, top: Int) -> Picture {
    var channels = maps.channels
    if order == .strength { channels.sort { ($0.strength, $1.index) > ($1.strength, $0.index) } }
    return picture(of: channels.prefix(max(0, top)).map(\.index))
  }

  /// One channel's map.
  ///
  /// - Throws: `ProbeError.noChannel`.
  package func picture(ofChannel channel: Int) throws -> Picture { picture(of: [try checked(channel)]) }

  private func picture(of channels: [Int]) -> Picture {
    let (columns, bands) = (maps.columns, maps.bands)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(channels.count * columns * bands)
    var told: [Channel] = []
    for channel in channels {
      let summary = maps.channels[channel]
      let limit = max(abs(summary.lowest), abs(summary.highest))
      let scale = limit > 0 && limit.isFinite ? 255 / limit : 0
      var active = 0
      maps.map(channel).withUnsafeValues { values in
        for column in 0..<columns {
          for place in 0..<bands {
            let value = abs(values[column * bands + (isTurned ? bands - 1 - place : place)])
            if value > 0 { active += 1 }
            // A network may make numbers that are none.
            bytes.append(value.isFinite ? UInt8(min(255, (value * scale).rounded())) : 0)
          }
        }
      }
      told.append(
        Channel(
          index: channel, strength: summary.strength.isFinite ? summary.strength : 0,
          limit: limit.isFinite ? limit : 0, shareActive: Double(active) / Double(max(1, columns * bands))))
    }
    return Picture(
      maps: bytes, shape: [channels.count, columns, bands],
      facts: Picture.Facts(axes: axes, layer: name, channels: told, total: maps.channelCount))
  }

  /// How strong a channel is in the clip.
  ///
  /// - Throws: `ProbeError.noChannel`.
  package func strength(ofChannel channel: Int) throws -> Float {
    maps.channels[try checked(channel)].strength
  }

  /// What of the clip a channel follows.
  ///
  /// - Throws: `ProbeError.noChannel`.
  package func solo(_ channel: Int) throws -> Recording {
    let recording = heard.clip.recording.scaledToFullScaleIfLouder()
    let mask = ChannelMask(
      try checked(channel), of: maps, heard.model, frames: heard.listening.logMel.shape[0])
    return mask.split(recording, heard.model).heard
  }

  private func checked(_ channel: Int) throws -> Int {
    guard maps.channels.indices.contains(channel) else {
      throw ProbeError.noChannel(channel, of: name, channels: maps.channelCount)
    }
    return channel
  }
}

/// What can keep a layer of a clip from being looked at.
package enum ClipLayerError: Error, CustomStringConvertible {
  case noLayer(Int, layers: Int)

  package var description: String {
    switch self {
    case .noLayer(let index, let layers):
      "there is no layer \(index); the network has the layers 0 to \(layers - 1)"
    }
  }
}

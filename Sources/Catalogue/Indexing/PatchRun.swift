import Graphs
import Models
import Probe
import Tensors

/// Runs a network on patches and tallies what its layers make of each.
///
/// Every run has the same number of rows, the last one filled up with copies: what a row gives does not depend on which others
/// stand beside it, to the last bit.
struct PatchRun: Sendable {
  let model: AudioModel
  let layers: [ObservedLayer]
  private let places: [PlaceGeometry]
  /// Patches of one run. The steps of a sequence are run together, however many.
  let rows: Int

  init(_ model: AudioModel, _ layers: [ObservedLayer]) {
    (self.model, self.layers) = (model, layers)
    places = layers.map { PlaceGeometry($0.geometry, of: model) }
    let values = layers.reduce(0) { $0 + $1.geometry.channels * $1.geometry.places }
    let rows = min(8 * min(8, max(2, model.network.threads)), Self.mostValues / max(1, values))
    // Networks are run by eights: so many for each thread.
    self.rows = rows >= 8 ? rows / 8 * 8 : max(1, rows)
  }

  /// A quarter of a gigabyte.
  private static let mostValues = 1 << 26

  func tallies(perFile: Int) -> [LayerTally] {
    zip(layers, places).map { LayerTally($0, $1, perFile: perFile) }
  }

  /// A patch's place, and who wants to know of it.
  struct Lane: Sendable {
    let tallies: [LayerTally]
    let moment: PatchMoment
  }

  /// What a value must exceed to be of interest, by layer and channel.
  typealias Thresholds = [[Float]]

  /// - Parameter patches: `[lanes, frames, bands]`, at most ``rows`` of them, or all steps of one sequence.
  /// - Returns: seconds of the clock in the network and behind it.
  func hear(_ patches: Tensor, _ lanes: [Lane], _ thresholds: Thresholds) throws -> (
    network: Double, tally: Double
  ) {
    let begun = clockSeconds()
    var patches = patches
    if !model.isStateful, lanes.count < rows {
      let last = patches.rows(lanes.count - 1..<lanes.count)
      patches = Tensor(joining: [patches] + (lanes.count..<rows).map { _ in last })
    }
    let values = try model.network.values(
      of: layers.map(\.geometry.tensor), at: [model.inputName: model.inputTensor(for: patches)])
    let heard = clockSeconds()
    let count = patches.shape[0]
    concurrently(values.count) { layer in
      let geometry = layers[layer].geometry
      let maps = geometry.maps(values[layer].reshaped(to: Shape([count] + geometry.row)))
      let size = geometry.channels * geometry.places
      maps.withUnsafeValues { maps in
        thresholds[layer].withUnsafeBufferPointer { thresholds in
          guard let maps = maps.baseAddress, let thresholds = thresholds.baseAddress else { return }
          for (row, lane) in lanes.enumerated() {
            lane.tallies[layer].add(maps + row * size, at: lane.moment, thresholds: thresholds)
          }
        }
      }
    }
    return (heard - begun, clockSeconds() - heard)
  }
}

import Files
import Graphs
import Tensors

import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder
import class FoundationEssentials.JSONEncoder

/// The whole state of a training, in one file that is written whole or not at all.
///
/// A NumPy archive (`numpy.load` reads it): `value/NAME` for parameters and averages, `moment/K/NAME` for what the
/// optimizer keeps, `best/NAME` for the best weights so far, and `progress`, the bytes of a JSON object.
struct Checkpoint: Sendable {
  var progress: TrainingProgress
  var values: [TensorName: Tensor]
  var moments: [TensorName: [Tensor]]
  var best: [TensorName: Tensor]

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let bytes = try encoder.encode(progress).map { Float($0) }
    var arrays = [(name: "progress", tensor: Tensor([bytes.count], bytes))]
    for (name, tensor) in values.sorted(by: { $0.key < $1.key }) { arrays.append(("value/\(name)", tensor)) }
    for (name, tensors) in moments.sorted(by: { $0.key < $1.key }) {
      for (place, tensor) in tensors.enumerated() { arrays.append(("moment/\(place)/\(name)", tensor)) }
    }
    for (name, tensor) in best.sorted(by: { $0.key < $1.key }) { arrays.append(("best/\(name)", tensor)) }
    try NumPy.writeArchive(arrays, to: path)
  }

  /// - Throws: `TrainingError.checkpoint` for a file that is none.
  init(reading path: String) throws {
    let archive: NumPyArchive
    do { archive = try NumPy.readArchive(path) } catch {
      throw TrainingError.checkpoint(path: path, reason: "it is damaged: \(error)")
    }
    guard let bytes = archive["progress"],
      let progress = try? JSONDecoder().decode(
        TrainingProgress.self, from: Data(bytes.values.map { UInt8(max(0, min(255, $0))) }))
    else { throw TrainingError.checkpoint(path: path, reason: "it is no checkpoint of a training") }
    self.progress = progress
    (values, moments, best) = ([:], [:], [:])
    for (name, tensor) in archive {
      let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let rest = String(parts[1])
      switch parts[0] {
      case "value": values[rest] = tensor
      case "best": best[rest] = tensor
      case "moment":
        let place = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        if place.count == 2 { moments[String(place[1]), default: []].append(tensor) }
      default: continue
      }
    }
  }

  init(
    progress: TrainingProgress, values: [TensorName: Tensor], moments: [TensorName: [Tensor]],
    best: [TensorName: Tensor]
  ) {
    (self.progress, self.values, self.moments, self.best) = (progress, values, moments, best)
  }
}

import Audio
public import Graphs
public import Models
public import Tensors

extension AudioModel {
  /// A class activation map of a whole clip: the map of each patch brought to the patch's size, averaged over the
  /// patches that cover a bin; several layers fused. `[frames, bands]`; zero where no patch looks.
  public func clipMap(
    _ method: any ClassActivationMethod, _ score: NetworkScore, layers: [TensorName], logMel: Tensor
  ) throws -> Tensor {
    let count = patchStarts(frames: logMel.shape[0]).count
    return try clipMap(method, [(Array(0..<count), score)], layers: layers, logMel: logMel)
  }

  /// The same of some patches, each with its own score.
  func clipMap(
    _ method: any ClassActivationMethod, _ scores: [(patches: [Int], score: NetworkScore)],
    layers: [TensorName], logMel: Tensor
  ) throws -> Tensor {
    let all = patches(of: logMel)
    let (chosen, maps) = (
      scores.flatMap(\.patches),
      try scores.map { patches, score in
        let rows =
          patches.count == all.shape[0] ? all : Tensor(joining: patches.map { all.rows($0..<$0 + 1) })
        var score = score
        score.panels = panels
        return self.patches(from: try method.map(score, layers: layers, at: inputTensor(for: rows)))
      }
    )
    guard let first = maps.first else { return Tensor(logMel.shape) }
    return averaged(
      maps.count == 1 ? first : Tensor(joining: maps), of: chosen, frames: logMel.shape[0])
  }

  /// Overlapping patches `[patches, frames, bands]`, the `chosen` ones, laid over one another, each bin the mean of what
  /// covers it.
  private func averaged(_ patches: Tensor, of chosen: [Int], frames: Int) -> Tensor {
    let (extent, bands) = (patches.shape[1], patches.shape[2])
    var counts = [Float](repeating: 0, count: frames)
    var result = Tensor([frames, bands])
    result.withUnsafeMutableValues { result in
      patches.withUnsafeValues { patches in
        let starts = patchStarts(frames: frames)
        for (index, start) in chosen.map({ starts[$0] }).enumerated() {
          // A patch that reaches beyond the end saw silence there.
          let known = max(0, min(extent, frames - start))
          for frame in start..<start + known { counts[frame] += 1 }
          let (source, target) = (index * extent * bands, start * bands)
          for place in 0..<known * bands { result[target + place] += patches[source + place] }
        }
      }
      for frame in 0..<frames where counts[frame] > 1 {
        for band in 0..<bands { result[frame * bands + band] /= counts[frame] }
      }
    }
    return result
  }
}

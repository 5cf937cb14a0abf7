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
    let maps = try method.map(score, layers: layers, at: inputTensor(for: frontEnd.patches(of: logMel)))
    return averaged(patches(from: maps), frames: logMel.shape[0])
  }

  /// Overlapping patches `[patches, frames, bands]` laid over one another, each bin the mean of what covers it.
  private func averaged(_ patches: Tensor, frames: Int) -> Tensor {
    let (extent, bands) = (patches.shape[1], patches.shape[2])
    var counts = [Float](repeating: 0, count: frames)
    var result = Tensor([frames, bands])
    result.withUnsafeMutableValues { result in
      patches.withUnsafeValues { patches in
        for (index, start) in frontEnd.patchStarts(frames: frames).enumerated() {
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

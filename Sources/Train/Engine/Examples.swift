package import Tensors

/// Where a training's examples come from.
///
/// An example is one patch of a clip, or of one of its variations, as the network takes it.
package protocol Examples: Sendable {
  /// Without the batch.
  var shape: Shape { get }
  /// How often each clip occurs in an epoch: its variations.
  var variations: Int { get }

  /// How many patches a clip is cut into, side by side.
  func patchCount(clip: Int, variation: Int) -> Int

  /// Patches of clips as one batch, `[N, …]`.
  func batch(_ places: [Place], augmented: Bool) throws -> Batch
}

/// A patch of a clip.
package struct Place: Sendable, Hashable {
  package var clip: Int
  package var variation: Int
  /// Which of the patches side by side; nil for one that begins anywhere, drawn from `draw`.
  package var patch: Int?
  package var draw: UInt64

  package init(clip: Int, variation: Int, patch: Int?, draw: UInt64) {
    (self.clip, self.variation, self.patch, self.draw) = (clip, variation, patch, draw)
  }
}

package struct Batch: Sendable {
  package var inputs: Tensor
  /// 1 where evidence may not lie, as large as `inputs`; nil where nothing is annotated.
  package var outside: Tensor?

  package init(inputs: Tensor, outside: Tensor? = nil) { (self.inputs, self.outside) = (inputs, outside) }
}

/// Examples that are rows computed once: what a network's frozen part makes of patches.
package struct StoredExamples: Examples {
  private let rows: Tensor
  /// Of each clip and variation, where its rows begin; one more for the end.
  private let starts: [[Int]]
  package let variations: Int

  /// - Parameters:
  ///   - rows: `[N, …]`.
  ///   - starts: by variation, then by clip.
  package init(rows: Tensor, starts: [[Int]]) {
    (self.rows, self.starts, variations) = (rows, starts, starts.count)
  }

  package var shape: Shape { Shape(Array(rows.shape.dimensions.dropFirst())) }

  package func patchCount(clip: Int, variation: Int) -> Int {
    starts[variation][clip + 1] - starts[variation][clip]
  }

  package func batch(_ places: [Place], augmented: Bool) -> Batch {
    let width = shape.count
    let inputs = Tensor(unsafeUninitialized: Shape([places.count] + shape.dimensions)) { result in
      rows.withUnsafeValues { rows in
        for (row, place) in places.enumerated() {
          let count = max(1, patchCount(clip: place.clip, variation: place.variation))
          let patch = place.patch ?? Int(place.draw % UInt64(count))
          let from = (starts[place.variation][place.clip] + patch) * width
          _ = UnsafeMutableBufferPointer(rebasing: result[row * width..<(row + 1) * width])
            .update(fromContentsOf: rows[from..<from + width])
        }
      }
    }
    return Batch(inputs: inputs)
  }
}

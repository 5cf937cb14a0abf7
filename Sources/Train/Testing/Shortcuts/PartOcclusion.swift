import Models
import Tensors

/// Pictures of a clip with a part taken away, by what could as well have been there.
///
/// - a slice of bands below the recording's ceiling becomes the straight line, frame by frame, between the two bands below
///   it and the two above: a tone is gone, a broad sound is hardly changed. The noise floor would not do: of a constant
///   tone it is the tone.
/// - padding, gaps and thirds become quiet frames of the sound itself, the quietest fifth of what is left, in random order.
/// - what is above the recording's ceiling becomes the noise floor (10 % quantile) of the three bands below it.
struct PartOcclusion: Sendable {
  let slices: BandSlices
  let seed: UInt64

  /// The parts that the clip has, each with the picture without it, `[1, frames, bands]`.
  func pictures(_ picture: Tensor, _ anatomy: ClipAnatomy) -> [(part: PicturePart, picture: Tensor)] {
    // Across the ceiling a line between neighbours would make sound where no recording has any.
    let whole = slices.columns.indices.filter { slices.hertz[$0].upperBound < 0.95 * anatomy.ceiling }
    var found: [(PicturePart, Tensor)] = whole.map { (.band($0), withoutBands($0, picture)) }
    if let (part, changed) = withoutCeiling(picture, anatomy) { found.append((part, changed)) }
    for (part, frames, rest) in timeParts(anatomy) where !frames.isEmpty && !rest.isEmpty {
      found.append((part, replacing(frames, by: rest, in: picture)))
    }
    return found
  }

  private func timeParts(_ anatomy: ClipAnatomy) -> [(PicturePart, [Int], [Int])] {
    let sound = anatomy.sound
    var parts: [(PicturePart, [Int], [Int])] = [
      (.padding, anatomy.padding, sound), (.silence, anatomy.gaps, sound),
    ]
    // Thirds of very few frames are no thirds.
    if sound.count >= 6 {
      for third in 0..<3 {
        let range = third * sound.count / 3..<(third + 1) * sound.count / 3
        parts.append(
          (.third(third), Array(sound[range]), Array(sound[..<range.lowerBound] + sound[range.upperBound...]))
        )
      }
    }
    return parts
  }

  private func withoutBands(_ place: Int, _ picture: Tensor) -> Tensor {
    let (frames, width) = (picture.shape[0], picture.shape[1])
    var changed = picture.reshaped(to: [1, frames, width])
    // Columns of a panel that stand side by side are one run.
    let runs = Self.runs(slices.columns[place])
    changed.withUnsafeMutableValues { values in
      for frame in 0..<frames {
        let row = frame * width
        for run in runs {
          let below = Self.mean(values, row, run.lowerBound - 2..<run.lowerBound, width)
          let above = Self.mean(values, row, run.upperBound..<run.upperBound + 2, width)
          guard let low = below ?? above, let high = above ?? below else { continue }
          for column in run {
            let share = Float(column - run.lowerBound + 1) / Float(run.count + 1)
            values[row + column] = low + share * (high - low)
          }
        }
      }
    }
    return changed
  }

  /// The mean of a row's columns, of those that there are.
  private static func mean(
    _ values: UnsafeMutableBufferPointer<Float>, _ row: Int, _ columns: Range<Int>, _ width: Int
  ) -> Float? {
    let known = columns.filter { $0 >= 0 && $0 < width }
    return known.isEmpty ? nil : known.reduce(0) { $0 + values[row + $1] } / Float(known.count)
  }

  private static func runs(_ columns: [Int]) -> [Range<Int>] {
    columns.sorted().reduce(into: [Range<Int>]()) { runs, column in
      if let last = runs.last, last.upperBound == column {
        runs[runs.count - 1] = last.lowerBound..<column + 1
      } else {
        runs.append(column..<column + 1)
      }
    }
  }

  private func withoutCeiling(_ picture: Tensor, _ anatomy: ClipAnatomy) -> (PicturePart, Tensor)? {
    let above = slices.centres.indices.filter { slices.centres[$0] > 1.05 * anatomy.ceiling }
    guard let first = above.first, first > 0, !anatomy.sound.isEmpty else { return nil }
    let (frames, width) = (picture.shape[0], picture.shape[1])
    let values = picture.values
    let floors = (max(0, first - 3)..<first).map { column -> Float in
      let sorted = anatomy.sound.map { values[$0 * width + column] }.sorted()
      return sorted[(sorted.count - 1) / 10]
    }
    let floor = floors.reduce(0, +) / Float(floors.count)
    var changed = picture.reshaped(to: [1, frames, width])
    changed.withUnsafeMutableValues { values in
      for frame in anatomy.sound { for column in above { values[frame * width + column] = floor } }
    }
    return (.ceiling, changed)
  }

  private func replacing(_ targets: [Int], by sources: [Int], in picture: Tensor) -> Tensor {
    let (frames, width) = (picture.shape[0], picture.shape[1])
    var generator = SplitMix64(seed: seed)
    let values = picture.values
    let levels = sources.map { frame in values[frame * width..<(frame + 1) * width].reduce(0, +) }
    let order = sources.indices.sorted { (levels[$0], $0) < (levels[$1], $1) }
    let quiet = order.prefix(max(1, order.count / 5)).map { sources[$0] }
    var changed = picture.reshaped(to: [1, frames, width])
    changed.withUnsafeMutableValues { result in
      for target in targets {
        let source = quiet[Int.random(in: 0..<quiet.count, using: &generator)]
        for column in 0..<width { result[target * width + column] = values[source * width + column] }
      }
    }
    return changed
  }
}

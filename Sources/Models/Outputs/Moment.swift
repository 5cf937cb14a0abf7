import Audio
import Graphs

/// A stretch of a clip that a network gives one score for each class: a patch, or a part of one where results run in
/// time.
public struct Moment: Sendable, Hashable {
  /// Which patch it is of.
  public let patch: Int
  /// In seconds from the clip's beginning.
  public let start: Double
  public let end: Double
}

extension AudioModel {
  /// Where the moments come from that results in time have.
  public enum MomentRule: String, Sendable, Hashable, Codable {
    /// The network gives one score for each patch.
    case patches = "patches"
    /// The middle of what each place sees of the input, by the windows and strides of the layers before it.
    case receptiveFields = "receptive fields"
    /// The moments of a patch share it evenly, as nothing is known of where each looks.
    case even = "spread evenly"
  }

  public var momentRule: MomentRule {
    output.layout.moments == 1 ? .patches : output.field == nil ? .even : .receptiveFields
  }

  /// The moments of a clip with patches that begin at these frames, patch after patch.
  func moments(patchStarts: [Int]) -> [Moment] {
    let (count, frames) = (output.layout.moments, Double(patchFrames))
    // In frames from a patch's beginning; frame f reaches from f − ½ to f + ½.
    let places = (0..<count).map { place -> ClosedRange<Double> in
      if count > 1, let field = output.field {
        let centre = field.centre(Double(place))
        return centre - field.jump / 2...centre + max(field.jump, 1) / 2
      }
      let share = frames / Double(count)
      return Double(place) * share - 0.5...Double(place + 1) * share - 0.5
    }
    return patchStarts.enumerated().flatMap { patch, start in
      places.map { place in
        let end = axes.time(ofFrame: Double(start) + place.upperBound)
        return Moment(
          patch: patch, start: min(end, max(0, axes.time(ofFrame: Double(start) + place.lowerBound))),
          end: end)
      }
    }
  }
}

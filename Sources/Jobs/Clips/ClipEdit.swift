package import Audio
import Explain
import Files
import Models
import Tensors

/// Strokes as a page sends them, in seconds and hertz.
package struct StrokeRecord: Codable, Sendable, Hashable {
  package enum Form: String, Codable, Sendable, Hashable { case box, path }

  package struct Radius: Codable, Sendable, Hashable {
    package let seconds: Double
    package let octaves: Double
  }

  package let action: SoundEdit.Action
  package let shape: Form
  /// Of a box, from and to.
  package var seconds: [Double]?
  package var hertz: [Double]?
  /// Of a path, pairs of seconds and hertz.
  package var points: [[Double]]?
  package var radius: Radius?

  /// - Throws: `Misuse` for what is no region.
  func stroke() throws(Misuse) -> SoundEdit.Stroke {
    switch shape {
    case .box:
      return SoundEdit.Stroke(
        action, .box(seconds: try Self.range(seconds, "seconds"), hertz: try Self.range(hertz, "hertz")))
    case .path:
      guard let radius, radius.seconds > 0, radius.octaves > 0, radius.seconds < 1e6, radius.octaves < 1e3
      else { throw Misuse("a stroke's radius needs 'seconds' and 'octaves', both more than 0") }
      guard let points, !points.isEmpty, points.count <= ClipEdit.mostPoints,
        points.allSatisfy({ $0.count == 2 && $0.allSatisfy { $0.isFinite && abs($0) < 1e7 } })
      else {
        throw Misuse(
          "a stroke's points are pairs of seconds and hertz, from 1 to \(ClipEdit.mostPoints) of them")
      }
      return SoundEdit.Stroke(
        action,
        .path(
          points.map { .init(seconds: $0[0], hertz: $0[1]) }, seconds: radius.seconds, octaves: radius.octaves))
    }
  }

  private static func range(_ ends: [Double]?, _ name: String) throws(Misuse) -> ClosedRange<Double> {
    guard let ends, ends.count == 2, ends.allSatisfy({ $0.isFinite && abs($0) < 1e7 }) else {
      throw Misuse("a box needs '\(name)' as a list of two numbers")
    }
    return min(ends[0], ends[1])...max(ends[0], ends[1])
  }
}

/// A clip that a user changes with a brush, again and again: what does not depend on the strokes is kept.
package struct ClipEdit: Sendable {
  private let heard: HeardClip
  private let floor: NoiseFloor

  static let mostPoints = 4096
  static let mostStrokes = 256

  package init(_ heard: HeardClip) {
    self.heard = heard
    floor = NoiseFloor(of: heard.clip.recording)
  }

  /// The clip as the strokes leave it, heard anew.
  ///
  /// - Throws: `Misuse` for what are no strokes; `ModelError`, `GraphError`.
  package func heard(after strokes: [StrokeRecord]) throws -> HeardClip {
    guard strokes.count <= Self.mostStrokes else {
      throw Misuse("\(strokes.count) strokes are too many; \(Self.mostStrokes) at most")
    }
    let edit = SoundEdit(try strokes.map { try $0.stroke() })
    var clip = heard.clip
    clip.recording = edit.apply(to: clip.recording, floor: floor)
    return try HeardClip(clip, by: heard.model)
  }
}

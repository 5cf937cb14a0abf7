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
          points.map { .init(seconds: $0[0], hertz: $0[1]) }, seconds: radius.seconds, octaves: radius.octaves
        ))
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
  /// What to draw from black to white of each view of the clip before.
  private let ranges: [SoundView: ClosedRange<Float>]

  static let mostPoints = 4096
  static let mostStrokes = 256

  package init(_ heard: HeardClip) throws {
    self.heard = heard
    floor = NoiseFloor(of: heard.clip.recording)
    ranges = try Dictionary(
      SoundView.allCases.map { ($0, try heard.grid($0).range) }, uniquingKeysWith: { first, _ in first })
  }

  /// A picture of an edited clip, drawn on the scale of the clip before.
  package func grid(_ view: SoundView, of edited: HeardClip) throws -> SoundGrid {
    try edited.grid(view, range: ranges[view])
  }

  /// The clip as the strokes leave it, heard anew.
  ///
  /// - Throws: `Misuse` for what are no strokes; `ModelError`, `GraphError`.
  package func heard(after strokes: [StrokeRecord]) throws -> HeardClip {
    guard strokes.count <= Self.mostStrokes else {
      throw Misuse("\(strokes.count) strokes are too many; \(Self.mostStrokes) at most")
    }
    let edit = SoundEdit(try strokes.map { try $0.stroke() })
    return try HeardClip(heard, changedTo: edit.apply(to: heard.clip.recording, floor: floor))
  }
}

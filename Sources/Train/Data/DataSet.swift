/// Labelled sounds: what a network is trained and tested on.
///
/// Readers make it of a folder, a table or a published corpus as it is distributed; classes are in a fixed order, which is
/// that of a network's outputs.
public struct DataSet: Sendable, Hashable {
  /// What it is called in reports: a corpus' name, or that of its folder.
  public var name: String
  public var classes: [String]
  public var clips: [LabelledClip]
  /// Whether a clip may be of several classes, or of none.
  public var isMultiLabel: Bool

  public init(name: String, classes: [String], clips: [LabelledClip], isMultiLabel: Bool = false) {
    (self.name, self.classes, self.clips, self.isMultiLabel) = (name, classes, clips, isMultiLabel)
  }
}

/// A sound, or a stretch of one, and its classes.
public struct LabelledClip: Sendable, Hashable, Codable {
  public var path: String
  /// In seconds of the file; nil for all of it.
  public var stretch: ClosedRange<Double>?
  /// Places in `DataSet.classes`, ascending; exactly one where the set is not multi-label.
  public var classes: [Int]
  /// As the corpus numbers its folds; nil where it has none.
  public var fold: Int?
  /// Shared by all clips that come from one recording, voice or kit; nil where nobody says.
  public var group: String?
  /// Which part of the corpus it belongs to as distributed; nil where that is open.
  public var part: Part?

  public enum Part: String, Sendable, Codable, CaseIterable {
    case training
    case validation
    case test
  }

  public init(
    path: String, stretch: ClosedRange<Double>? = nil, classes: [Int], fold: Int? = nil,
    group: String? = nil, part: Part? = nil
  ) {
    (self.path, self.stretch, self.classes) = (path, stretch, classes)
    (self.fold, self.group, self.part) = (fold, group, part)
  }
}

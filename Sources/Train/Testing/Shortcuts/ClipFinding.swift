import Explain

/// What taking parts away did to one clip.
struct ClipFinding: Sendable {
  /// Among the data set's clips.
  let place: Int
  let classIndex: Int
  let group: String?
  /// Whether the model takes it for its class. Of others only the tones and the ceiling are known.
  let isRight: Bool
  /// By how much of itself the class's probability falls without a part: 1 for all of it, negative where it rises.
  let drops: [PicturePart: Double]
  /// The share of its energy in each slice.
  let energy: [Double]
  let prominence: [Float]
  let ceiling: Double
  /// Of the clip's frames.
  let paddingShare: Double
  let silenceShare: Double
  /// Where the gradient of the class's score lies; nil for a clip that is not right.
  let saliency: AverageEvidence.Clip?
}

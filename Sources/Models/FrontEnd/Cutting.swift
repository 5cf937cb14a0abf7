import Audio

/// How the user wants sounds cut into patches, instead of as the front end says.
public struct Cutting: Sendable, Hashable, Codable {
  /// The length of a patch in seconds; for networks that take any.
  public var patch: Double?
  /// How much of a patch the next one repeats, in seconds.
  public var overlap: Double?

  public init(patch: Double? = nil, overlap: Double? = nil) { (self.patch, self.overlap) = (patch, overlap) }
}

extension FrontEnd {
  /// The same front end with patches as `cutting` wants them, to the nearest frame.
  ///
  /// A length is that of the stretch from the first frame to the one after the last. Where the length was free, it is free
  /// no longer once it is given.
  ///
  /// - Parameters:
  ///   - fewest: the frames that a network of free length takes at least.
  ///   - path: of the model, for messages.
  /// - Throws: `ModelError.cutting`, with words, for a length that the network does not take, or an overlap that leaves
  ///   no way forward.
  func cut(as cutting: Cutting, fewest: Int, path: String) throws -> FrontEnd {
    func seconds(_ frames: Int) -> String { "\(Float(Double(frames * hop) / Double(sampleRate))) s" }
    func frames(_ seconds: Double) -> Int {
      Int(min(1e15, (seconds * Double(sampleRate) / Double(hop)).rounded()))
    }
    var patch = patch
    if let length = cutting.patch.map(frames) {
      guard patch.isFree || length == patch.frames else {
        throw ModelError.cutting(
          path: path,
          "its patches are \(seconds(patch.frames)) long; another length is for networks that take any")
      }
      guard length >= fewest else {
        throw ModelError.cutting(path: path, "a patch is \(seconds(fewest)) long at least")
      }
      (patch.frames, patch.hop, patch.isFree) = (length, length, false)
    }
    if let overlap = cutting.overlap.map(frames) {
      guard !patch.isFree else {
        throw ModelError.cutting(
          path: path, "it hears a sound as a whole; an overlap needs a length of patches")
      }
      guard overlap < patch.frames else {
        throw ModelError.cutting(
          path: path, "an overlap must be shorter than a patch, which is \(seconds(patch.frames)) long")
      }
      patch.hop = patch.frames - overlap
    }
    return try FrontEnd(sampleRate: sampleRate, sound: sound, analysis: analysis, steps: steps, patch: patch)
  }
}

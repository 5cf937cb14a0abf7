extension FrontEnd {
  /// The stretch of frames a network sees at once.
  public struct Patch: Sendable, Hashable {
    /// The frames of a patch; the fewest, where its length is free.
    public var frames: Int
    /// From one patch to the next, in frames.
    public var hop: Int
    public var tail: Tail
    /// The fewest frames beyond the patch before that an incomplete last patch must have; otherwise it is dropped, as
    /// BirdNET's below one second. 0 where all are kept.
    public var shortestTail: Int
    /// Whether the network takes sounds of any length: one patch is the whole sound.
    public var isFree: Bool
    /// Where the network takes samples: whether patches are centred on multiples of the hop, zeros before the first
    /// sample and after the last, as CREPE does, rather than beginning there.
    public var isCentred: Bool
    /// What a sound shorter than one patch is filled up with.
    public var fill: Fill
    /// The value of frames that are missing at the end, where `tail` is `padFrames`.
    public var padValue: Double
    /// What is done to each patch alone, after it is cut.
    public var steps: [PatchStep]

    public enum Tail: String, Sendable, Codable, CaseIterable {
      /// The samples are padded with zeros to one patch, and beyond it to a whole number of patch hops.
      case padToHop = "pad-to-hop"
      /// A sound shorter than one patch is padded with zeros to one; an incomplete last patch is dropped.
      case dropIncomplete = "drop-incomplete"
      /// The samples stay as they are; frames that the last patch lacks have `padValue`.
      case padFrames = "pad-frames"
    }

    /// What a sound shorter than one patch is filled up with, after its end.
    public enum Fill: String, Sendable, Codable, CaseIterable {
      case zeros
      /// As many whole copies of itself as fit, then zeros: CLAP's `repeatpad`.
      case copies
      /// Copies of itself, the last one cut: `numpy.pad(mode="wrap")`.
      case wrap
      /// Its last sample: `numpy.pad(mode="edge")`.
      case edge
    }

    public init(
      frames: Int, hop: Int, tail: Tail, shortestTail: Int = 0, isFree: Bool = false, isCentred: Bool = false,
      fill: Fill = .zeros, padValue: Double = 0, steps: [PatchStep] = []
    ) {
      (self.frames, self.hop, self.tail, self.shortestTail) = (frames, hop, tail, shortestTail)
      self.isFree = isFree
      (self.isCentred, self.fill, self.padValue, self.steps) = (isCentred, fill, padValue, steps)
    }
  }
}

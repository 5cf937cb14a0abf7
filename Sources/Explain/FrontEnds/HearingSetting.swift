/// A setting in which two ways to hear may differ. Raw values are the keys of a front end's JSON where there is one.
public enum HearingSetting: String, Sendable, Codable, CaseIterable {
  // Of the sound.
  case sampleRate = "sample_rate"
  case firstSample = "first_sample"
  case channels
  case scaling
  case meanRemoval = "remove_mean"
  case preEmphasis = "pre_emphasis"
  // Of frames.
  case framing
  case padding
  case window
  case windowShape = "window_shape"
  case windowSymmetry = "window_symmetry"
  case windowScaling = "window_scaling"
  case hop
  case fft
  case frameMeanRemoval = "remove_frame_mean"
  case framePreEmphasis = "frame_pre_emphasis"
  case lastFrame = "drop_last_frame"
  case spectrum
  // Of bands.
  case melScale = "mel.scale"
  case melNorm = "mel.norm"
  case melConstruction = "mel.construction"
  case melLowest = "mel.lowest"
  case melHighest = "mel.highest"
  case melBands = "mel.bands"
  case melRate = "mel.sample_rate"
  case bands
  // Of compression.
  case compressionKind = "compression.kind"
  case compressionBase = "compression.base"
  case compressionFactor = "compression.factor"
  case compressionScale = "compression.scale"
  case compressionOffset = "compression.offset"
  case compressionFloor = "compression.floor"
  case compressionReference = "compression.reference"
  case compressionRange = "compression.top_db"
  // Of what follows.
  case steps
  case patchSteps = "patch.steps"
  case patchHop = "patch.hop"
  case patchTail = "patch.tail"
  case patchFill = "patch.fill"
  case padValue = "patch.pad_value"
  case axes
  case bandOrder = "band_order"
  case frameOrder = "frame_order"
  /// How many frames or patches there are, of values that agree.
  case length
  /// All values multiplied by one number and moved by another.
  case values

  /// Whether a change of it may change how many frames there are.
  var movesFrames: Bool {
    switch self {
    case .sampleRate, .firstSample, .framing, .padding, .window, .hop, .fft, .lastFrame, .patchHop,
      .patchTail,
      .patchFill:
      true
    default: false
    }
  }
}

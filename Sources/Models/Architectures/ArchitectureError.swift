public import Files

/// What can keep a network from being built.
public enum ArchitectureError: RemediableError {
  case classes(Int)
  /// A picture for a network that takes samples, or the other way round.
  case wrongInput(String, takesSamples: Bool)
  /// Each channel of a sound on its own, however many there are.
  case channels
  /// The whole sound as one patch.
  case noPatchLength

  public var description: String {
    switch self {
    case .classes(let count):
      "a network of \(count) \(count == 1 ? "class" : "classes") has nothing to decide; give at least two, or one that "
        + "may be absent (multi-label)"
    case .wrongInput(let name, let takesSamples):
      takesSamples
        ? "\(name) listens to samples; give a front end with 'samples' instead of a spectrum"
        : "\(name) looks at spectrograms; give a front end that makes them"
    case .channels:
      "a front end with 'channels' \"all\" does not say how many there are; choose \"mix\", or the number of one"
    case .noPatchLength:
      "the front end takes sounds of any length as one patch, and the network needs one length; set 'patch' "
        + "{\"frames\": …, \"hop\": …, \"tail\": \"drop-incomplete\"}"
    }
  }

  public var isMisuse: Bool { true }
}

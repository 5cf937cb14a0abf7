import Audio
import Files
import Tensors

/// A clip's samples as a front end listens to them.
struct ClipSound {
  /// At the front end's rate; all of one length.
  let channels: [[Float]]
  private let clip: LabelledClip
  private let frontEnd: FrontEnd

  /// - Parameter channels: how many the network listens to, where the front end takes them one by one.
  /// - Throws: `AudioError`; `ClipError` for a sound of another number of channels.
  init(_ clip: LabelledClip, _ frontEnd: FrontEnd, channels count: Int) throws {
    (self.clip, self.frontEnd) = (clip, frontEnd)
    let recording = try clip.recording(limit: SoundChange.longest)
    let heard = try frontEnd.channels(of: recording)
    if heard.count == count {
      channels = heard
    } else if heard.count == 1 {
      channels = [[Float]](repeating: heard[0], count: count)
    } else {
      throw ClipError.channels(path: clip.path, expected: count, got: heard.count)
    }
  }

  /// Whether no sample reaches the last place of 16 bits.
  var isSilent: Bool { channels.allSatisfy { $0.allSatisfy { abs($0) <= 0x1p-15 } } }

  /// The picture of the sound after changes, `[frames, width]`.
  ///
  /// - Throws: `ClipError.notFinite`; what reading a background throws.
  func picture(_ variation: Variation) throws -> Tensor {
    let changed = try variation.canonical.apply(to: channels, sampleRate: frontEnd.sampleRate)
    let picture = frontEnd.logMel(channels: changed)
    guard picture.withUnsafeValues({ $0.allSatisfy(\.isFinite) }) else {
      throw ClipError.notFinite(path: clip.path)
    }
    return picture
  }
}

/// What can be wrong with a clip that can be decoded.
enum ClipError: Error, CustomStringConvertible {
  case channels(path: String, expected: Int, got: Int)
  case notFinite(path: String)

  var description: String {
    switch self {
    case .channels(let path, let expected, let got):
      "\(PathText.shown(path)): has \(got) channels, and the network listens to \(expected)"
    case .notFinite(let path):
      "\(PathText.shown(path)): the front end makes values of it that are no numbers; give its logarithm an offset or a floor"
    }
  }
}

import Audio
import Explain
import Files
import Models

/// Patches that overlap, of a network that makes a picture of each: side by side they would show the same sound twice.
package struct OverlappingPictures: RemediableError {
  package let model: String

  package var isMisuse: Bool { true }

  package var description: String {
    "\(model) makes a picture of each patch, and patches overlap: --overlap 0 puts them side by side; --domain stft or "
      + "waveform, and classify, take them as they are"
  }
}

extension AudioModel {
  /// - Throws: `OverlappingPictures` where one of the domains is such a picture.
  func checkPatches(explainedIn domains: [Domain]) throws(OverlappingPictures) {
    let patch = onWholeNetwork.frontEnd.patch
    if hasInnerPicture, patch.hop < patch.frames, domains.contains(.logMel) {
      throw OverlappingPictures(model: name)
    }
  }
}

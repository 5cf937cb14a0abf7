import Audio
import Tensors
import Testing

/// Every preset gives what the code it is named after gives: `Golden/make-front-ends.py` ran that code on 2.3 s of
/// `testSignal` and kept every so-manieth value.
struct FrontEndGoldenTests {
  /// The axes of an origin's array, in its order.
  struct Origin: Sendable, CustomTestStringConvertible {
    var name: String
    var axes: [Character]
    /// How many of a thousand values may lie further away than a ten-thousandth of the range.
    var outliers = 0
    var testDescription: String { name }

    init(_ name: String, _ axes: String, outliers: Int = 0) {
      (self.name, self.axes, self.outliers) = (name, Array(axes), outliers)
    }
  }

  static let origins = [
    Origin("vggish", "nfb"), Origin("yamnet", "nfb"), Origin("musicnn", "nfb"), Origin("panns", "ncfb"),
    Origin("panns-16k", "ncfb"), Origin("ast", "nfb"), Origin("kaldi", "nfb"), Origin("whisper", "nbf"),
    Origin("wav2vec2", "ns"), Origin("clap", "ncfb"), Origin("birdnet", "ns"), Origin("perch", "ns"),
    Origin("crepe", "ns"), Origin("openl3", "nbfc"), Origin("librosa", "nbf"), Origin("torchaudio", "nbf"),
    Origin("opensoundscape", "ncbf"), Origin("speechbrain", "nfb"), Origin("openwakeword", "nfbc"),
    // A value at the border of two of 256 colours takes either, by the last bit of librosa's single precision.
    Origin("hear-and-see", "ncbf", outliers: 20), Origin("iminet-imitation", "ncbf"),
    Origin("iminet-recording", "ncbf"),
  ]

  @Test("All presets are compared")
  func complete() {
    #expect(Set(Self.origins.map(\.name)) == Set(FrontEnd.presetNames))
  }

  // A ten-thousandth of the range: origins in single precision are themselves up to 5e-5 from double precision.
  @Test("A preset agrees with its origin", arguments: origins)
  func agrees(_ origin: Origin) throws {
    let frontEnd = try FrontEnd.preset(named: origin.name)
    let samples = testSignal(Int(2.3 * Double(frontEnd.sampleRate)), rate: frontEnd.sampleRate)
    let golden = try NumPy.readArchive(golden("front-ends/\(origin.name).npz"))
    let shape = try #require(golden["shape"]).values.map { Int($0) }
    let stride = Int(try #require(golden["stride"]).values[0])
    let theirs = try #require(golden["values"]).values

    let ours = inputs(samples, frontEnd, origin.name)
    // The places of our axes, [patches, channels, frames, bands], among theirs; samples are frames.
    let order = Array("ncfb").map { axis in
      origin.axes.firstIndex { $0 == axis || ($0 == "s" && axis == "f") }
    }
    for (axis, place) in order.enumerated() { #expect(ours.shape[axis] == place.map { shape[$0] } ?? 1) }
    guard ours.count == shape.reduce(1, *) else { return }

    let range = (theirs.max() ?? 0) - (theirs.min() ?? 0)
    var (largest, outliers) = (Float(0), 0)
    for (index, value) in theirs.enumerated() {
      var rest = index * stride
      var places = shape
      for axis in shape.indices.reversed() {
        (rest, places[axis]) = rest.quotientAndRemainder(dividingBy: shape[axis])
      }
      let own = order.map { $0.map { places[$0] } ?? 0 }
      let difference = abs(ours[own[0], own[1], own[2], own[3]] - value)
      if difference > 1e-4 * range { outliers += 1 }
      largest = max(largest, difference)
    }
    #expect(outliers * 1000 <= origin.outliers * theirs.count, "\(largest / range) of the range")
  }

  /// What the network is given. Where an origin places windows as no picture of the whole sound can, each is heard
  /// alone.
  private func inputs(_ samples: [Float], _ frontEnd: FrontEnd, _ name: String) -> Tensor {
    func heard(_ samples: [Float]) -> Tensor {
      frontEnd.inputs(of: frontEnd.patches(of: frontEnd.logMel(samples)))
    }
    switch name {
    case "openl3":
      // Windows of 1 s every 0.1 s, centred on it, zeros around.
      let zeros = [Float](repeating: 0, count: 24000)
      let padded = zeros + samples + [Float](repeating: 0, count: 4800)
      let windows = (samples.count - 24000 + 4799) / 4800 + 1
      return Tensor(
        joining: (0..<windows).map { window in
          heard(Array(padded[window * 4800..<window * 4800 + 48000])).rows(0..<1)
        })
    case "perch":
      // A short sound lies in the middle of its window.
      let missing = frontEnd.patch.frames - samples.count
      let zeros = [Float](repeating: 0, count: missing)
      return heard(zeros[..<(missing / 2)] + samples + zeros[(missing / 2)...])
    default: return heard(samples)
    }
  }
}

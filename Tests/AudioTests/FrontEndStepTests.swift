import Audio
import FoundationEssentials
import Tensors
import Testing

/// Steps that no preset takes, against the libraries that define them: `Golden/make-front-end-steps.py` ran these on
/// half a second of `testSignal` and kept every so-manieth value.
struct FrontEndStepTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var json: String
    var testDescription: String { name }

    init(_ name: String, _ json: String) { (self.name, self.json) = (name, json) }
  }

  private static let anyPatch = "\"patch\": {\"frames\": \"any\"}"

  private static func kaldi(_ changes: String, bands: Int = 23, lowest: Int = 20, highest: Int = 8000)
    -> String
  {
    """
    {"preset": "kaldi", "scaling": 32768, "mel": {"bands": \(bands), "lowest": \(lowest), "highest": \(highest)}, \
    \(changes)}
    """
  }

  /// librosa's, of 512 points every 128, 40 bands.
  private static func librosa(_ changes: String) -> String {
    """
    {"preset": "librosa", "sample_rate": 16000, "window": 512, "hop": 128, "fft": 512,
     "mel": {"bands": 40, "highest": 8000}, \(changes)}
    """
  }

  private static func torchaudio(_ changes: String) -> String {
    "{\"preset\": \"torchaudio\", \(changes)}"
  }

  private static func patched(_ step: String) -> String {
    librosa("\"patch\": {\"frames\": 63, \"hop\": 63, \"tail\": \"pad-frames\", \"steps\": [\(step)]}")
  }

  static let cases = [
    Case(
      "kaldi-whole",
      kaldi(
        "\"framing\": \"hop-centred\", \"window_shape\": \"hamming\", \"frame_pre_emphasis\": 0.9", bands: 40)
    ),
    Case(
      "kaldi-mfcc",
      kaldi("\"steps\": [{\"kind\": \"cepstra\", \"count\": 13, \"lifter\": 22, \"lifter_kind\": \"kaldi\"}]")
    ),
    Case(
      "kaldi-blackman",
      kaldi("\"window_shape\": \"blackman\", \"spectrum\": \"magnitude\", \"remove_frame_mean\": false")),
    Case("kaldi-rectangular", kaldi("\"window_shape\": \"rectangular\"", lowest: 100, highest: 6000)),
    Case("pcen", librosa("\"spectrum\": \"magnitude\", \"compression\": {\"kind\": \"pcen\"}")),
    Case("mfcc", librosa("\"steps\": [{\"kind\": \"cepstra\", \"count\": 13, \"lifter\": 22}]")),
    Case("dct", librosa("\"steps\": [{\"kind\": \"cepstra\", \"count\": 10, \"orthonormal\": false}]")),
    Case(
      "amplitude",
      """
      {"sample_rate": 16000, "window": 256, "hop": 100, "fft": 256, "framing": "centred", "padding": "edge",
       "spectrum": "magnitude", "bands": {"kind": "linear"}, \(anyPatch),
       "compression": {"kind": "decibels", "floor": 1e-5, "factor": 20, "reference": "max", "top_db": 80}}
      """),
    Case(
      "normalized",
      torchaudio(
        """
        "window_scaling": "energy", "window_shape": "hamming", "mel": {"bands": 32, "scale": "slaney", "norm": "slaney"}
        """)),
    Case(
      "frame-length",
      torchaudio(
        """
        "window_scaling": "length", "spectrum": "magnitude", "padding": "constant", "mel": {"bands": 32}
        """)),
    Case(
      "density",
      """
      {"sample_rate": 16000, "window": 256, "hop": 128, "fft": 256, "framing": "from-start", "spectrum": "power",
       "window_scaling": "one-sided-density", "remove_frame_mean": true, "bands": {"kind": "linear"}, \(anyPatch),
       "compression": {"kind": "none"}}
      """),
    Case(
      "spectrum",
      """
      {"sample_rate": 16000, "window": 256, "hop": 100, "fft": 300, "framing": "from-start", "spectrum": "power",
       "window_scaling": "one-sided-spectrum", "window_shape": "blackman", "bands": {"kind": "linear"}, \(anyPatch),
       "compression": {"kind": "none"}}
      """),
    Case(
      "pre-emphasis",
      librosa(
        """
        "scaling": 32768, "remove_mean": true, "pre_emphasis": 0.95,
        "compression": {"kind": "log", "base": "ten", "floor": 1e-10}, "steps": [{"kind": "affine", "scale": 10}]
        """)),
    Case(
      "logarithmic",
      librosa(
        """
        "bands": {"kind": "logarithmic", "count": 30, "lowest": 100, "highest": 6000}, "compression": {"kind": "none"}
        """
      )
      .replacing("\"mel\": {\"bands\": 40, \"highest\": 8000}, ", with: "")),
    Case("cube-root", librosa("\"compression\": {\"kind\": \"power\", \"exponent\": 0.3333333333333333}")),
    Case(
      "by-band",
      librosa(
        "\"steps\": [{\"kind\": \"standardise\", \"over\": \"band\", \"unbiased\": true, \"epsilon\": 1e-3}]")
    ),
    Case("deltas", patched("{\"kind\": \"deltas\", \"width\": 9, \"orders\": 2, \"method\": \"fitted\"}")),
    Case("slopes", patched("{\"kind\": \"deltas\", \"width\": 5, \"orders\": 2, \"method\": \"slopes\"}")),
    Case("smaller", patched("{\"kind\": \"resize\", \"frames\": 20, \"bands\": 50}")),
    Case(
      "nearest", patched("{\"kind\": \"resize\", \"frames\": 100, \"bands\": 17, \"mode\": \"nearest\"}")),
  ]

  // Peers in double precision but for Kaldi's, which are good to some 1e-5 of the range as our results in float32 are.
  @Test("A step agrees with the library that defines it", arguments: cases)
  func agrees(_ example: Case) throws {
    let frontEnd = try JSONDecoder().decode(FrontEnd.self, from: Data(example.json.utf8))
    let golden = try NumPy.readArchive(golden("front-end-steps.npz"))
    let shape = try #require(golden["\(example.name) shape"]).values.map { Int($0) }
    let stride = Int(try #require(golden["\(example.name) stride"]).values[0])
    let theirs = try #require(golden[example.name]).values

    let picture = frontEnd.logMel(testSignal(8000, rate: 16000))
    let ours = frontEnd.patch.steps.isEmpty ? picture : frontEnd.inputs(of: frontEnd.patches(of: picture))
    #expect(Array(ours.shape.dimensions.suffix(shape.count)) == shape)
    let values = ours.values
    guard values.count == shape.reduce(1, *) else { return }
    let range = (theirs.max() ?? 0) - (theirs.min() ?? 0)
    let largest = theirs.enumerated().reduce(0) { max($0, abs(values[$1.offset * stride] - $1.element)) }
    #expect(largest <= 3e-5 * range, "\(largest / range) of the range")
  }
}

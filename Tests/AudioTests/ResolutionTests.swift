import Audio
import FoundationEssentials
import Tensors
import TestSupport
import Testing

/// Several windows of one sound, a picture each.
struct ResolutionTests {
  private func frontEnd(_ changes: String) throws -> FrontEnd {
    try JSONDecoder().decode(
      FrontEnd.self,
      from: Data(
        """
        {"sample_rate": 8000, "window": 200, "hop": 80, "fft": 256, "framing": "centred", "padding": "reflect",
         "spectrum": "power", "mel": {"bands": 12, "lowest": 50, "highest": 3900, "scale": "htk", "norm": "none",
         "construction": "librosa"}, "compression": {"kind": "log", "base": "natural", "offset": 1e-6},
         "steps": [{"kind": "standardise"}],
         "patch": {"frames": 10, "hop": 10, "tail": "drop-incomplete"}\(changes)}
        """.utf8))
  }

  @Test("Each is the picture of a front end of its own, and they lie side by side")
  func sideBySide() throws {
    let several = try frontEnd(
      #", "resolutions": [{"window": 400, "fft": 512}, {"window": 800, "fft": 1024}]"#)
    #expect(several.pictureCount == 3)
    let sound = testSignal(4000, rate: 8000)
    let joined = several.logMel(channels: [sound, sound.map { -0.5 * $0 }])
    #expect(joined.shape == [51, 2 * 3 * 12])
    for (place, (window, fft)) in [(200, 256), (400, 512), (800, 1024)].enumerated() {
      let json = #", "window": \#(window), "fft": \#(fft)"#
      var text = try String(decoding: JSONEncoder().encode(frontEnd("")), as: UTF8.self)
      text = text.replacing(#""window":200"#, with: #""window":\#(window)"#)
        .replacing(#""fft":256"#, with: #""fft":\#(fft)"#)
      let alone = try JSONDecoder().decode(FrontEnd.self, from: Data(text.utf8)).logMel(sound)
      #expect(alone.shape == [51, 12], "\(json)")
      for frame in 0..<51 {
        for band in 0..<12 { #expect(joined[frame, 12 * place + band] == alone[frame, band]) }
      }
    }
    let panels = several.axes(channels: 2).panels
    #expect(panels.map(\.channel) == [0, 0, 0, 1, 1, 1])
    #expect(panels[4].caption == "channel 2, window of 50 ms")
    #expect(several.axes.panels.map(\.caption) == ["window of 25 ms", "window of 50 ms", "window of 100 ms"])
    #expect(several.inputs(of: several.patches(of: several.logMel(sound))).shape == [5, 3, 10, 12])
  }

  @Test(
    "What cannot be is refused",
    arguments: [
      (#", "resolutions": [{"window": 400}]"#, "fft"),
      (#", "resolutions": [{"window": 400, "fft": 300}]"#, "resolutions[0].window"),
      (#", "resolutions": [{"window": 4, "fft": 300000}]"#, "resolutions[0].fft"),
      (#", "resolutions": [{"window": 4, "fft": 8, "hop": 2}]"#, "resolutions[0].hop"),
      (#", "resolutions": 3"#, "resolutions"),
    ])
  func refused(changes: String, key: String) throws {
    let error = #expect(throws: AudioError.self) { try frontEnd(changes) }
    #expect(error.map { "\($0)".contains(key) } == true, "\(error as Any)")
  }

  @Test("Frames that depend on the window do not go with several")
  func framing() {
    let error = #expect(throws: AudioError.self) {
      try FrontEndPullbackTests.frontEnd(#""resolutions": [{"window": 64, "fft": 64}]"#)
    }
    #expect(error.map { "\($0)".contains("centred") } == true)
  }
}

import Audio
import Files
import Foundation
import Jobs
import Models
import Reports
import Tensors
import Testing

/// A clip that is changed with a brush, and heard anew.
struct ClipEditTests {
  private func heard(_ name: String = "dog.mp3") throws -> HeardClip {
    let model = try AudioModel(named: "yamnet", threads: 2)
    return try HeardClip(Clip(reading: BundledData.soundPath(name)), by: model)
  }

  private func strokes(_ json: String) throws -> [StrokeRecord] {
    try RecordCoding.read([StrokeRecord].self, from: json.utf8)
  }

  @Test(
    "What a stroke did not touch is not computed again, and the answer is the same",
    arguments: [
      #"[{"action": "mute", "shape": "box", "seconds": [1.2, 1.9], "hertz": [300, 3000]}]"#,
      #"[{"action": "noise", "shape": "path", "points": [[0.2, 500], [2, 900]], "radius": {"seconds": 0.1, "octaves": 1}}]"#,
      #"[{"action": "solo", "shape": "box", "seconds": [0, 3], "hertz": [0, 24000]}]"#,
      #"[{"action": "mute", "shape": "box", "seconds": [90, 91], "hertz": [300, 3000]}]"#, "[]",
    ])
  func partly(json: String) throws {
    let heard = try heard()
    let edited = try ClipEdit(heard).heard(after: strokes(json))
    let whole = try HeardClip(edited.clip, by: heard.model)
    #expect(edited.listening.logMel == whole.listening.logMel)
    let differences = zip(edited.listening.logits.values, whole.listening.logits.values).map { abs($0 - $1) }
    // Logits of some ±15, from batches of other sizes, whose sums are added up in other orders.
    #expect((differences.max() ?? 1) < 1e-3)
    #expect(edited.listening.moments == whole.listening.moments)
  }

  @Test("Strokes that are none are refused in words")
  func refused() throws {
    let edit = try ClipEdit(heard("duck.mp3"))
    for json in [
      #"[{"action": "mute", "shape": "box", "seconds": [1], "hertz": [1, 2]}]"#,
      #"[{"action": "mute", "shape": "box", "hertz": [1, 2]}]"#,
      #"[{"action": "mute", "shape": "path", "points": [], "radius": {"seconds": 1, "octaves": 1}}]"#,
      #"[{"action": "mute", "shape": "path", "points": [[1, 2]], "radius": {"seconds": 0, "octaves": 1}}]"#,
      #"[{"action": "mute", "shape": "path", "points": [[1, 2, 3]], "radius": {"seconds": 1, "octaves": 1}}]"#,
    ] {
      let strokes = try strokes(json)
      #expect(throws: Misuse.self) { try edit.heard(after: strokes) }
    }
  }
}

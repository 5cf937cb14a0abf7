import Audio
import Explain
import Graphs
import Models
import Tensors
import Testing

/// Two sounds of different classes one after the other: where they lie is known, and the maps have to tell.
struct MixtureTests {
  struct Sound: Sendable, CustomTestStringConvertible {
    var file: String
    var label: String

    var testDescription: String { label }

    static let dog = Sound(file: "dog.mp3", label: "Dog")
    static let rooster = Sound(file: "rooster.mp3", label: "Chicken, rooster")
    static let cow = Sound(file: "cow.mp3", label: "Moo")
    static let duck = Sound(file: "duck.mp3", label: "Duck")
    static let crow = Sound(file: "misc_crow.flac", label: "Crow")
    static let frog = Sound(file: "frog.mp3", label: "Frog")
    static let tabla = Sound(file: "loop_tabla.flac", label: "Music")
  }

  private static let pairs: [(Sound, Sound)] = [
    (.dog, .rooster), (.cow, .dog), (.rooster, .duck), (.dog, .crow), (.frog, .dog), (.tabla, .dog),
  ]

  // A map that does not know the classes has as much mass in a span as the span is long: half of it, or a tenth for the
  // crow. YAMNet looks at 0.96 s at once, so some mass crosses the border; the least seen is the crow's, 81 %, which is
  // half as long as a patch.
  @Test("Grad-CAM puts a class where its sound is", arguments: pairs)
  func mixture(first: Sound, second: Sound) throws {
    let model = try Bundled.yamnet()
    let (before, after) = (try Bundled.sound(first.file), try Bundled.sound(second.file))
    let listening = try model.listen(to: before + after)
    let border = Double(before.count) / Double(model.frontEnd.sampleRate)
    for (sound, isFirst) in [(first, true), (second, false)] {
      let target = try model.targets(.label(sound.label), for: listening)[0]
      let map = try model.explain(listening, target: target, by: .gradCAM, .init()).attribution
      var (own, all) = (0.0, 0.0)
      for frame in 0..<map.shape[0] {
        let mass = map.rows(frame..<frame + 1).values.reduce(0.0) { $0 + Double($1) }
        all += mass
        if (model.frontEnd.frameTime(frame) < border) == isFirst { own += mass }
      }
      #expect(own > 0.7 * all && all > 0, "\(sound.label): \(own / all)")
    }
  }
}

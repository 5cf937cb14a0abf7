import Audio
import FoundationEssentials
import Testing

struct FrontEndJSONTests {
  private func decode(_ text: String) throws -> FrontEnd {
    try JSONDecoder().decode(FrontEnd.self, from: Data(text.utf8))
  }

  @Test("A front end comes back from its own JSON", arguments: FrontEnd.presetNames)
  func roundTrip(name: String) throws {
    let frontEnd = try FrontEnd.preset(named: name)
    let text = try String(decoding: JSONEncoder().encode(frontEnd), as: UTF8.self)
    #expect(text.contains("\"sample_rate\"") && text.contains("\"tail\""))
    try #expect(
      FrontEnd(
        sampleRate: frontEnd.sampleRate, sound: frontEnd.sound, analysis: frontEnd.analysis,
        steps: frontEnd.steps,
        patch: frontEnd.patch) == frontEnd)
    #expect(try decode(text) == frontEnd)
    #expect(try decode("{\"preset\": \"\(name)\"}") == frontEnd)
  }

  @Test("Every kind of compression comes back")
  func compressions() throws {
    for text in [
      "{\"kind\": \"none\"}", "{\"kind\": \"decibels\", \"floor\": 1e-10}",
      "{\"offset\": 1, \"base\": \"ten\"}",
    ] {
      let frontEnd = try decode("{\"preset\": \"yamnet\", \"compression\": \(text)}")
      #expect(try JSONDecoder().decode(FrontEnd.self, from: JSONEncoder().encode(frontEnd)) == frontEnd)
      #expect(frontEnd != .yamnet)
    }
  }

  @Test("A preset of samples with other values, and a preset made one of samples")
  func samples() throws {
    let shorter = try decode("{\"preset\": \"birdnet\", \"samples\": {\"hop\": 48000}}")
    #expect(shorter.isSamples && shorter.patch.frames == 144_000 && shorter.patch.hop == 48000)
    #expect(shorter.patch.shortestTail == 48000 && shorter.bandCount == 1)
    let other = try decode("{\"preset\": \"birdnet\", \"samples\": {\"length\": 96000}}")
    #expect(other.patch.frames == 96000 && other.patch.hop == 96000)
    let raw = try decode("{\"preset\": \"yamnet\", \"samples\": {}}")
    #expect(raw.isSamples && raw.sampleRate == 16000 && raw.patch.isFree && raw.patch.frames == 1)
    #expect(raw.window == 1 && raw.hop == 1 && raw.mel == nil)
  }

  @Test("A patch of a preset whose patch is the whole sound")
  func fixedPatch() throws {
    let frontEnd = try decode("{\"preset\": \"panns\", \"patch\": {\"frames\": 1001}}")
    #expect(frontEnd.patch.frames == 1001 && frontEnd.patch.hop == 1001 && !frontEnd.patch.isFree)
    let whole = try decode("{\"preset\": \"yamnet\", \"patch\": {\"frames\": \"any\", \"shortest\": 96}}")
    #expect(whole.patch.isFree && whole.patch.frames == 96)
  }

  @Test("A preset with one value changed")
  func overrides() throws {
    let frontEnd = try decode("{\"preset\": \"yamnet\", \"hop\": 80, \"mel\": {\"bands\": 32}}")
    #expect(frontEnd.hop == 80 && frontEnd.bandCount == 32)
    #expect(frontEnd.bandRange.upperBound == 7500 && frontEnd.patch == FrontEnd.yamnet.patch)
  }

  @Test(
    "What cannot be is refused by key and value",
    arguments: [
      ("{\"preset\": \"nothing\"}", "nothing", "yamnet, musicnn"),
      ("{\"preset\": \"yamnet\", \"hopp\": 3}", "hopp", "unknown"),
      ("{\"preset\": \"yamnet\", \"hop\": 0}", "\"hop\" is 0", "from 1"),
      ("{\"preset\": \"yamnet\", \"hop\": 1.5}", "\"hop\" is 1.5", "whole"),
      ("{\"preset\": \"yamnet\", \"hop\": \"ten\"}", "\"hop\" is \"ten\"", "whole"),
      ("{\"preset\": \"yamnet\", \"hop\": null}", "\"hop\" is", "whole"),
      ("{\"preset\": \"yamnet\", \"hop\": 1, \"mel\": {\"bands\": 512}}", "\"hop\" is 1", "million"),
      ("{\"preset\": \"yamnet\", \"fft\": 300}", "\"window\" is 400", "300"),
      ("{\"preset\": \"yamnet\", \"fft\": 1000000000}", "\"fft\" is 1000000000", "32768"),
      ("{\"preset\": \"yamnet\", \"framing\": \"left\"}", "\"framing\" is \"left\"", "\"from-start\""),
      ("{\"preset\": \"yamnet\", \"mel\": 3}", "\"mel\" is 3.0", "braces"),
      ("{\"preset\": \"yamnet\", \"mel\": {\"bands\": 0}}", "\"mel.bands\" is 0", "from 1"),
      ("{\"preset\": \"yamnet\", \"mel\": {\"bands\": 99999}}", "\"mel.bands\" is 99999", "512"),
      ("{\"preset\": \"yamnet\", \"mel\": {\"highest\": 9000}}", "\"mel.highest\" is 9000.0", "8000"),
      ("{\"preset\": \"yamnet\", \"mel\": {\"highest\": 100}}", "\"mel.highest\" is 100.0", "above"),
      ("{\"preset\": \"yamnet\", \"mel\": {\"lowest\": -1}}", "\"mel.lowest\" is -1.0", "from 0"),
      ("{\"preset\": \"yamnet\", \"mel\": {\"lowest\": 7499.9999999999}}", "\"mel.highest\"", "further"),
      ("{\"preset\": \"yamnet\", \"patch\": {\"frames\": 0}}", "\"patch.frames\" is 0", "from 1"),
      ("{\"preset\": \"yamnet\", \"patch\": {\"hop\": 97}}", "\"patch.hop\" is 97", "96"),
      (
        "{\"preset\": \"yamnet\", \"patch\": {\"frames\": 65536, \"hop\": 1}}", "\"patch.hop\" is 1",
        "million"
      ),
      ("{\"preset\": \"yamnet\", \"patch\": {\"hop\": \"x\"}}", "\"patch.hop\" is \"x\"", "whole"),
      (
        "{\"preset\": \"yamnet\", \"compression\": {\"offset\": 0}}", "\"compression.offset\" is 0.0",
        "above 0"
      ),
      (
        "{\"preset\": \"yamnet\", \"compression\": {\"top_db\": 1}}", "\"compression.top_db\" is 1.0",
        "decibels"
      ),
      (
        "{\"preset\": \"yamnet\", \"compression\": {\"kind\": \"decibels\"}}", "\"compression.floor\"",
        "missing"
      ),
      ("{\"preset\": \"yamnet\", \"sample_rate\": 1}", "\"sample_rate\" is 1", "1000"),
      ("{\"sample_rate\": 16000}", "\"window\" is missing", "preset"),
      ("{\"preset\": \"yamnet\", \"channels\": \"left\"}", "\"channels\" is \"left\"", "\"mix\", \"all\""),
      ("{\"preset\": \"yamnet\", \"channels\": -1}", "\"channels\" is -1", "from 0"),
      ("{\"preset\": \"yamnet\", \"channels\": 0.5}", "\"channels\" is 0.5", "whole"),
      ("{\"preset\": \"yamnet\", \"scaling\": 0}", "\"scaling\" is 0", "from 1e-12"),
      ("{\"preset\": \"yamnet\", \"scaling\": \"loud\"}", "\"scaling\" is \"loud\"", "32768"),
      ("{\"preset\": \"yamnet\", \"scaling\": {\"kind\": \"peak\"}}", "\"scaling.kind\"", "standard"),
      ("{\"preset\": \"yamnet\", \"pre_emphasis\": 2}", "\"pre_emphasis\" is 2", "to 1"),
      ("{\"preset\": \"yamnet\", \"remove_mean\": 1}", "\"remove_mean\" is 1", "true or false"),
      ("{\"preset\": \"yamnet\", \"length\": 0}", "\"length\" is 0", "from 1"),
      ("{\"preset\": \"clap\", \"length\": 9}", "\"length\" is 9", "fill"),
      ("{\"preset\": \"panns\", \"padding\": \"none\"}", "\"padding\" is \"none\"", "centred"),
      ("{\"preset\": \"yamnet\", \"spectrum\": \"loud\"}", "\"spectrum\" is \"loud\"", "exponent"),
      ("{\"preset\": \"yamnet\", \"spectrum\": 9}", "\"spectrum\" is 9", "to 8"),
      (
        "{\"preset\": \"yamnet\", \"mel\": {\"bands\": 3}, \"bands\": {\"kind\": \"linear\"}}", "\"mel\"",
        "one of them"
      ),
      (
        "{\"preset\": \"yamnet\", \"bands\": {\"kind\": \"linear\", \"lowest\": 10, \"highest\": 12}}",
        "\"bands.highest\" is 12", "hold a bin"
      ),
      (
        "{\"preset\": \"yamnet\", \"bands\": {\"kind\": \"logarithmic\", \"count\": 9, \"lowest\": 0, \"highest\": 9}}",
        "\"bands.lowest\" is 0", "above 0"
      ),
      (
        "{\"preset\": \"yamnet\", \"compression\": {\"kind\": \"pcen\", \"bias\": 0}}", "compression.bias",
        "from"
      ),
      ("{\"preset\": \"whisper\", \"compression\": {\"floor\": 0}}", "\"compression.offset\" is 0", "floor"),
      ("{\"preset\": \"yamnet\", \"steps\": {}}", "\"steps\" is", "array"),
      ("{\"preset\": \"yamnet\", \"steps\": [3]}", "\"steps[0]\"", "object"),
      (
        "{\"preset\": \"yamnet\", \"steps\": [{\"kind\": \"flip\"}]}", "\"steps[0].kind\" is \"flip\"",
        "affine"
      ),
      (
        "{\"preset\": \"yamnet\", \"steps\": [{\"kind\": \"clip\", \"low\": 1}]}", "\"steps[0].low\"",
        "highest"
      ),
      ("{\"preset\": \"yamnet\", \"steps\": [{\"kind\": \"clip\"}]}", "\"steps[0].lowest\"", "missing"),
      (
        "{\"preset\": \"yamnet\", \"steps\": [{\"kind\": \"statistics\", \"mean\": [1, 2], \"deviation\": 1}]}",
        "\"steps[0].mean\" is 2 numbers", "64"
      ),
      (
        "{\"preset\": \"yamnet\", \"steps\": [{\"kind\": \"statistics\", \"mean\": 1, \"deviation\": 0}]}",
        "\"steps[0].deviation\" is 0", "not be 0"
      ),
      (
        "{\"preset\": \"yamnet\", \"steps\": [{\"kind\": \"cepstra\", \"count\": 65}]}", "steps[0].count",
        "64"
      ),
      (
        "{\"preset\": \"yamnet\", \"patch\": {\"steps\": [{\"kind\": \"x\"}]}}", "patch.steps[0].kind",
        "resize"
      ),
      (
        "{\"preset\": \"yamnet\", \"patch\": {\"steps\": [{\"kind\": \"copies\", \"channels\": 3}, "
          + "{\"kind\": \"colours\", \"map\": \"magma\"}]}}", "patch.steps[1].kind", "copies"
      ),
      (
        "{\"preset\": \"yamnet\", \"patch\": {\"steps\": [{\"kind\": \"deltas\", \"width\": 4, \"method\": \"slopes\"}]}}",
        "\"patch.steps[0].width\" is 4", "odd"
      ),
      (
        "{\"preset\": \"yamnet\", \"patch\": {\"steps\": [{\"kind\": \"resize\", \"frames\": 0, \"bands\": 1}]}}",
        "\"patch.steps[0].frames\" is 0", "from 1"
      ),
      (
        "{\"preset\": \"yamnet\", \"patch\": {\"steps\": [{\"kind\": \"copies\", \"channels\": 64}, "
          + "{\"kind\": \"resize\", \"frames\": 4096, \"bands\": 4096}]}}", "patch.steps[1]", "67 million"
      ),
      ("{\"preset\": \"yamnet\", \"patch\": {\"frames\": \"all\"}}", "\"patch.frames\" is \"all\"", "any"),
      ("{\"preset\": \"yamnet\", \"patch\": {\"shortest\": 3}}", "\"patch.shortest\" is 3", "any"),
      (
        "{\"preset\": \"panns\", \"patch\": {\"steps\": [{\"kind\": \"deltas\", \"width\": 5, "
          + "\"method\": \"slopes\"}]}}", "patch.steps[0].kind", "fixed number"
      ),
      ("{\"preset\": \"birdnet\", \"mel\": {}}", "\"window\" is missing", "preset"),
      ("{\"preset\": \"yamnet\", \"samples\": {}, \"hop\": 3}", "\"hop\" is 3", "samples"),
      ("{\"sample_rate\": 8000, \"samples\": 3}", "\"samples\" is 3", "braces"),
      ("{\"sample_rate\": 8000, \"samples\": {\"hop\": 3}}", "\"samples.hop\" is 3", "length"),
      ("{\"sample_rate\": 8000, \"samples\": {\"length\": 3, \"hop\": 4}}", "\"samples.hop\" is 4", "to 3"),
      ("{\"sample_rate\": 8000, \"samples\": {\"length\": 0}}", "\"samples.length\" is 0", "from 1"),
      (
        "{\"sample_rate\": 8000, \"samples\": {\"length\": 33, \"centred\": true}}", "\"samples.centred\"",
        "even"
      ),
      ("[1]", "front_end", "object"),
      ("{\"preset\": \"yam\\nnet\"}", "yam?net", "no preset"),
    ])
  func refused(text: String, place: String, reason: String) throws {
    let error = #expect(throws: AudioError.self) { try decode(text) }
    let message = error?.description ?? ""
    #expect(message.contains(place) && message.contains(reason) && !message.contains("\n"), "\(message)")
  }
}

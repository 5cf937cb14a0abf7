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

  @Test("A preset with one value changed")
  func overrides() throws {
    let frontEnd = try decode("{\"preset\": \"yamnet\", \"hop\": 80, \"mel\": {\"bands\": 32}}")
    #expect(frontEnd.hop == 80 && frontEnd.mel.bands == 32)
    #expect(frontEnd.mel.highest == 7500 && frontEnd.patch == FrontEnd.yamnet.patch)
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
        "{\"preset\": \"yamnet\", \"compression\": {\"floor\": 1}}", "\"compression.floor\" is 1.0",
        "decibels"
      ),
      (
        "{\"preset\": \"yamnet\", \"compression\": {\"kind\": \"decibels\"}}", "\"compression.floor\"",
        "missing"
      ),
      ("{\"preset\": \"yamnet\", \"sample_rate\": 1}", "\"sample_rate\" is 1", "1000"),
      ("{\"sample_rate\": 16000}", "\"window\" is missing", "preset"),
      ("[1]", "front_end", "object"),
      ("{\"preset\": \"yam\\nnet\"}", "yam?net", "no preset"),
    ])
  func refused(text: String, place: String, reason: String) throws {
    let error = #expect(throws: AudioError.self) { try decode(text) }
    let message = error?.description ?? ""
    #expect(message.contains(place) && message.contains(reason) && !message.contains("\n"), "\(message)")
  }
}

import Figures
import Testing

struct ReportTests {
  static let attack = #"<script>alert("x")</script>'&.wav"#

  static func report(clip: AudioSource = .embedded([1, 2, 3], mime: "audio/wav")) throws -> Report {
    let picture = try figure(title: attack).picture(scale: 1)
    let explanation = Report.Explanation(
      method: attack, target: attack, probability: 0.923, layer: attack, picture: picture,
      heard: .embedded([4], mime: "audio/wav"), ignored: .linked(attack), parameters: [.init(attack, attack)],
      measurements: [.init("Time to compute", "0.83 s")])
    let sound = Report.Sound(
      name: attack, seconds: 5.989, classes: [.init(label: attack, probability: .nan)], spectrogram: picture,
      clip: clip, explanations: [explanation], notes: [attack])
    return Report(
      title: attack, model: attack, commandLine: attack, version: attack, date: attack,
      sounds: [sound, sound])
  }

  @Test("Whatever comes from outside is escaped")
  func escaping() throws {
    let page = try Self.report().html()
    #expect(!page.contains("alert(\""))
    #expect(!page.contains("<script>alert"))
    #expect(page.split(separator: "<script").count == 2, "the page's own script and no other")
    #expect(HTML.escaped("<a href='x'>\u{0}&\"") == "&lt;a href=&#39;x&#39;&gt; &amp;&quot;")
  }

  @Test(
    "Nothing is loaded from elsewhere",
    arguments: ["https://evil.example/a.wav", "//evil.example/a", "data:x"])
  func selfContained(path: String) throws {
    let page = try Self.report(clip: .linked(path)).html()
    for attribute in ["src=\"", "href=\"", "url("] {
      for value in page.split(separator: attribute).dropFirst() {
        let starts = ["data:image/png;base64,", "data:audio/wav;base64,", "./", "/", "#"]
        #expect(starts.contains { value.hasPrefix($0) } && !value.hasPrefix("//"), "\(value.prefix(60))")
      }
    }
    #expect(!page.contains("://evil"))
    #expect(page.contains("default-src 'none'"))
  }

  @Test("Linked sounds stay paths, embedded ones become text")
  func sources() throws {
    #expect(AudioSource.linked("sub dir/ä\"?.wav").attribute == "./sub%20dir/%C3%A4%22%3F.wav")
    #expect(AudioSource.linked("http://x/y").attribute == "./http%3A/x/y")
    #expect(AudioSource.embedded([77, 97, 110], mime: "audio/wav").attribute == "data:audio/wav;base64,TWFu")
    #expect(AudioSource.embedded([77], mime: "a\"><b").attribute == "data:audio/wav;base64,TQ==")
  }

  @Test(
    "Base 64, by RFC 4648's test vectors",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ])
  func base64(text: String, encoded: String) { #expect(Base64.encode(Array(text.utf8)) == encoded) }

  @Test("Every byte pair in base 64, against a bit-by-bit encoder")
  func base64Exhaustive() {
    let bytes = (0..<65_536).flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var bits = 0
    var count = 0
    var expected = ""
    for byte in bytes {
      for bit in (0..<8).reversed() {
        bits = bits << 1 | Int(byte >> bit & 1)
        count += 1
        if count == 6 {
          expected.append(alphabet[bits])
          (bits, count) = (0, 0)
        }
      }
    }
    if count > 0 { expected.append(alphabet[bits << (6 - count)]) }
    while expected.utf8.count % 4 != 0 { expected += "=" }
    #expect(Base64.encode(bytes) == expected)
  }

  @Test("A page has a picture with words, a slider and named players for each explanation")
  func accessible() throws {
    let page = try Self.report().html()
    #expect(page.split(separator: "<img alt=\"").dropFirst().allSatisfy { !$0.hasPrefix("\"") })
    #expect(page.components("role=\"slider\"") == 4)
    #expect(page.components("<audio ") == 6)
    #expect(page.components("<audio ") == page.components("aria-label=\"Clip,") + 4)
    #expect(page.components("class=\"player\"") == 8)
    #expect(page.contains("<html lang=\"en\">"))
    #expect(page.contains("0.83 s"))
    #expect(page.contains("5.99 s"))
    #expect(page.contains("unknown"))
  }

  @Test("A page without sounds is a page")
  func empty() {
    let page = Report(title: "t", model: "m", commandLine: "c", version: "v", date: "d", sounds: []).html()
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("</html>"))
  }
}

extension String {
  /// How often `part` occurs.
  fileprivate func components(_ part: String) -> Int {
    split(separator: part).count - (hasPrefix(part) ? 0 : 1)
  }
}

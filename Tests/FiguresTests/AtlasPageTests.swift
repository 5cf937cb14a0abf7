import Figures
import Testing

/// The page of a map: everything in it, and nothing else.
struct AtlasPageTests {
  private static let hostile = "</script><script>alert(\"x\")</script>\u{2028}\\"

  private func page(sound: AudioSource? = nil) -> String {
    AtlasPage(
      PageHeader(
        title: "Map of <sounds>", model: "yamnet", commandLine: "otoscope atlas --in 'a & b'",
        version: "0.1.0",
        date: "today", lead: ["What <it> shows."]),
      picture: [137, 80], alternative: "a \"map\"",
      groups: ["bird", Self.hostile],
      points: [
        .init(
          x: 1, y: 2, name: Self.hostile, group: 1, value: 0.5, colour: Color(1, 2, 255), seconds: 2,
          thumbnail: [1, 2, 3], sound: sound),
        .init(x: .nan, y: 2, name: "nowhere", colour: Color(0, 0, 0)),
      ], valueLabel: "unit <3>", colourMeaning: "likeness", colouring: .group
    ).html()
  }

  @Test("Whatever comes from outside is escaped")
  func escaping() {
    let page = page()
    // The data and the page's own script; the hostile name is in the data, with its brackets escaped.
    #expect(page.split(separator: "<script").count == 3 && page.split(separator: "</script>").count == 3)
    #expect(!page.contains("alert(\"") && page.contains("\\u003c/script>\\u003cscript>alert(\\\"x\\\")"))
    #expect(
      page.contains("Map of &lt;sounds&gt;") && page.contains("unit &lt;3&gt;") && !page.contains("\u{2028}"))
    #expect(!page.contains("nowhere"), "a point without a place is left out")
  }

  @Test("Nothing is loaded from elsewhere, whatever a sound is called")
  func selfContained() {
    for path in ["https://evil.example/a.wav", "//evil.example/a.wav", "../a b\".wav"] {
      let page = page(sound: .linked(path))
      #expect(!page.contains("://evil") && page.contains("default-src 'none'"))
      for attribute in ["src=\"", "href=\"", "url("] {
        for value in page.split(separator: attribute).dropFirst() {
          #expect(value.hasPrefix("data:image/png;base64,"))
        }
      }
    }
    #expect(page(sound: .linked("../a b\".wav")).contains("\"s\":\"./../a%20b%22.wav\""))
    #expect(page(sound: .embedded([82], mime: "audio/wav")).contains("\"s\":\"data:audio/wav;base64,Ug==\""))
  }

  @Test("Colours are written as browsers read them")
  func colours() {
    #expect(Color(1, 2, 255).hexadecimal == "#0102ff")
    #expect(page().contains("\"c\":\"#0102ff\""))
  }
}

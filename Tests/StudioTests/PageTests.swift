import Audio
import Foundation
import TestSupport
import Testing

/// The page of a clip in a real browser: what a visitor does, and what they then see.
@Suite(.serialized, .enabled(if: Browser.isInstalled, "chromium and chromium-driver: scripts/setup tests"))
struct PageTests {
  /// Nothing was complained of, and nothing outside was asked for.
  private func expectQuiet(_ browser: Browser, _ studio: RunningStudio) throws {
    let complaints = try browser.complaints()
    #expect(complaints.isEmpty, "\(complaints)")
    let own = "127.0.0.1:\(studio.http.port)/"
    let outside = try browser.requests().filter { address in
      !["http://\(own)", "blob:http://\(own)", "data:", "chrome", "about:"].contains { address.hasPrefix($0) }
    }
    #expect(outside.isEmpty, "\(outside)")
  }

  @Test("A file that is dropped is shown, explained, played, painted on, and found again after a reload")
  func explain() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let browser = try Browser()
    defer { browser.end() }
    try browser.open(studio.address)
    _ = try browser.hook("drop")
    try browser.drop(
      Array(Data(contentsOf: URL(fileURLWithPath: RunningStudio.sound("dog.mp3")))), as: "dog.mp3")
    try browser.wait(for: "page of the clip", "return location.pathname.startsWith('/clips/')")
    try browser.waitForPicture()
    #expect(try browser.isDrawn("spectrogram"))
    let before = try browser.scores()
    #expect((before["Dog"] ?? 0) > 0.8)

    try browser.choose("saliency", in: "method")
    try browser.waitForPicture(method: "saliency")
    try browser.find("\(Browser.hook("classes")) [data-class=\"Dog\"]").click()
    try browser.waitForPicture(method: "saliency", target: "Dog")
    #expect(browser.address.contains("method=saliency") && browser.address.contains("target=Dog"))
    try browser.choose("grad-cam", in: "method")
    try browser.waitForPicture(method: "grad-cam", target: "Dog")
    let layers = try browser.options(of: "layer").filter { !$0.isEmpty }
    let layer = try #require(layers.dropFirst(layers.count / 2).first)
    try browser.choose(layer, in: "layer")
    try browser.wait(for: "the layer in the address", "return location.search.includes('layer=')")
    try browser.waitForPicture(method: "grad-cam", target: "Dog")

    // Playing moves the time, and the other tracks go on where this one is.
    try browser.hook("play").click()
    try browser.wait(
      for: "time that moves", within: 20,
      "const t = document.querySelector('\(Browser.hook("time"))').textContent.split(':'); return Number(t[0]) * 60 + parseFloat(t[1]) > 0.3"
    )
    try browser.hook("track-heard").click()
    try browser.hook("track-ignored").click()
    try browser.hook("track-clip").click()
    try browser.hook("play").click()

    // Muting the barks takes the dog away.
    try browser.hook("brush-mute").click()
    let box = try browser.hook("spectrogram").rectangle()
    try browser.drag([
      (box.x + 0.1 * box.width, box.y + 0.2 * box.height),
      (box.x + 0.5 * box.width, box.y + 0.5 * box.height),
      (box.x + 0.95 * box.width, box.y + 0.85 * box.height),
    ])
    try browser.wait(
      for: "a score that falls",
      """
      const row = document.querySelector('\(Browser.hook("classes")) [data-class="Dog"]');
      return Boolean(row) && Number(row.dataset.score) < 0.8 * \(before["Dog"] ?? 1);
      """)
    let after = try browser.scores()
    #expect((after["Dog"] ?? 1) < 0.8 * (before["Dog"] ?? 0))
    let address = browser.address

    try browser.reload()
    try browser.waitForPicture(method: "grad-cam", target: "Dog")
    #expect(browser.address == address)
    try expectQuiet(browser, studio)
  }

  @Test("What the microphone hears becomes a clip")
  func record() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let rate = 48_000
    let tone = (0..<4 * rate).map { 0.5 * Float(sin(2 * Double.pi * 1000 * Double($0) / Double(rate))) }
    let path = studio.folder + "/tone.wav"
    try writeWAV(Recording(channels: [tone], sampleRate: rate), to: path)
    let browser = try Browser(microphone: path)
    defer { browser.end() }
    try browser.open(studio.address)
    try browser.hook("record").click()
    try browser.wait(
      for: "two seconds", within: 30,
      "const b = document.querySelector('\(Browser.hook("stop"))'); const t = document.querySelector('\(Browser.hook("record-time"))'); return Boolean(b) && !b.disabled && Boolean(t) && parseFloat(t.dataset.seconds ?? t.textContent.replace(/^.*:/, '')) >= 2"
    )
    try browser.hook("stop").click()
    try browser.wait(for: "page of the clip", "return location.pathname.startsWith('/clips/')")
    try browser.waitForPicture()
    let clips = try #require(try studio.json("/clips")["clips"] as? [[String: Any]])
    let id = try #require(clips.first?["id"] as? String)
    let recorded = studio.folder + "/recorded.wav"
    try Data(studio.http.get("/api/v1/clips/\(id)/audio").body).write(to: URL(fileURLWithPath: recorded))
    let recording = try Recording.read(recorded)
    #expect(recording.duration > 1.5)
    // Crossings of zero of a tone of 1 kHz, two a period, in the middle second.
    let middle = recording.mono.dropFirst(recording.sampleRate / 2).prefix(recording.sampleRate)
    let crossings = zip(middle, middle.dropFirst()).filter { ($0 < 0) != ($1 < 0) }.count
    #expect(abs(crossings - 2000) < 40, "\(crossings)")
    try expectQuiet(browser, studio)
  }

  @Test("Names and labels that are HTML are shown as they are, and nothing of them runs")
  func markup() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let name = "<img src=x onerror=window.hacked=1>.mp3"
    let coded = try #require(name.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
    let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: RunningStudio.sound("duck.mp3"))))
    let id = try studio.upload(bytes, as: coded)
    let browser = try Browser()
    defer { browser.end() }
    for path in ["", "clips/\(id)", "compare?clip=\(id)", "inside/\(id)", "runs"] {
      try browser.open(studio.address + path)
      try browser.wait(
        for: "a page", "return document.querySelector('main') !== null && document.body.innerText.length > 20"
      )
    }
    try browser.open(studio.address + "clips/\(id)")
    try browser.waitForPicture()
    #expect(try browser.run("return document.body.innerText.includes(arguments[0])", name) as? Bool == true)
    #expect(
      try browser.run("return window.hacked === undefined && document.querySelector('img[src=x]') === null")
        as? Bool == true)
    try expectQuiet(browser, studio)
  }

  @Test("Every control has a name, at every width", arguments: [390, 1280, 2560])
  func names(width: Int) throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let id = try studio.upload(bundled: "duck.mp3")
    let browser = try Browser(width: width, height: 1000)
    defer { browser.end() }
    for path in ["", "clips/\(id)", "compare?clip=\(id)", "inside/\(id)", "runs", "models", "atlas"] {
      try browser.open(studio.address + path)
      try browser.wait(
        for: "a page", "return document.querySelector('main') !== null && document.body.innerText.length > 20"
      )
      if path == "clips/\(id)" { try browser.waitForPicture() }
      let nameless = try browser.namelessControls()
      #expect(nameless.isEmpty, "/\(path): \(nameless)")
      // Nothing sticks out at the side.
      let excess = try browser.run("return document.documentElement.scrollWidth - innerWidth") as? NSNumber
      #expect((excess?.intValue ?? 1) <= 0, "/\(path) at \(width): \(excess ?? 0) pixels too wide")
    }
    let weight =
      try browser.run(
        "return performance.getEntriesByType('resource').filter((e) => e.name.includes('/page/')).reduce((sum, e) => sum + e.encodedBodySize, 0)"
      ) as? NSNumber
    #expect((weight?.intValue ?? .max) < 500_000)
  }
}

import Foundation
import TestSupport
import Testing

/// The other views in a real browser: inside, atlas, runs.
@Suite(.serialized, .enabled(if: Browser.isInstalled, "chromium and chromium-driver: scripts/setup tests"))
struct ViewTests {
  @Test("A layer opens as maps, a map as a channel, and a channel can be heard alone")
  func inside() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let clip = try studio.upload(bundled: "duck.mp3")
    let browser = try Browser()
    defer { browser.end() }
    try browser.open(studio.address + "inside/\(clip)")
    let layers = try #require(try studio.json("/models/yamnet/layers")["layers"] as? [[String: Any]])
    let layer = try #require(layers.dropFirst(4).first?["index"] as? Int)
    try browser.hook("layer-\(layer)").click()
    try browser.wait(
      for: "maps", "return document.querySelectorAll('[data-test=\"maps\"] canvas').length > 8")
    let channel = try browser.find("[data-test=\"maps\"] [data-test^=\"channel-\"]")
    try channel.click()
    _ = try browser.hook("channel-map")
    #expect(browser.address.contains("channel="))
    let solo = try browser.hook("solo")
    try solo.click()
    try browser.wait(
      for: "the channel alone", "return document.querySelector('[data-test=\"solo\"]').ariaPressed === 'true'"
    )
    try browser.reload()
    _ = try browser.hook("channel-map")
    #expect(try browser.complaints().isEmpty)
  }

  @Test("A point of the atlas opens as a clip")
  func atlas() throws {
    let folder = NSTemporaryDirectory() + "atlas-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let index = try ChildProcess(
      [
        RunningStudio.binary, "index", "\(RunningStudio.root)/Data/sounds", "--output", "\(folder)/catalogue",
      ],
      outputPath: "\(folder)/index.txt")
    while index.isRunning { usleep(20_000) }
    let studio = try RunningStudio(["\(folder)/catalogue"])
    defer { studio.remove() }
    let browser = try Browser()
    defer { browser.end() }
    try browser.open(studio.address + "atlas")
    try browser.wait(
      for: "sounds",
      "return /[1-9]/.test(document.querySelector('[data-test=\"atlas-count\"]')?.textContent ?? '')")
    // By keys, as somebody without a mouse: to a sound, and in.
    try browser.run("document.querySelector('[data-test=\"atlas\"]').focus()")
    try browser.press("\u{E014}")
    _ = try browser.hook("atlas-open")
    try browser.hook("atlas-open").click()
    try browser.wait(for: "page of the clip", "return location.pathname.startsWith('/clips/')")
    try browser.waitForPicture()
    #expect((try studio.json("/clips")["clips"] as? [Any])?.count == 1)
    #expect(try browser.complaints().isEmpty)
  }

  @Test("A job that runs is shown, cancelled in the page, and still there after a restart")
  func cancel() throws {
    let studio = try RunningStudio()
    let clip = try studio.upload(bundled: "dog.mp3")
    // All methods take minutes.
    let job = try studio.http.post(
      "/api/v1/jobs", json: ["kind": "compare", "model": "yamnet", "clip": clip])
    #expect(job.status == 202)
    let id = try #require(try job.json()["id"] as? String)
    let browser = try Browser()
    try browser.open(studio.address + "runs/\(id)")
    try browser.hook("cancel").click()
    let end = Date().addingTimeInterval(60)
    var state = ""
    while Date() < end, state != "cancelled" {
      state = try studio.json("/jobs/\(id)")["state"] as? String ?? ""
      usleep(50_000)
    }
    #expect(state == "cancelled")
    try browser.wait(
      for: "the end in the page",
      "return document.querySelector('[data-test=\"cancel\"]') === null && /cancel/i.test(document.body.innerText)"
    )
    #expect(try browser.complaints().isEmpty)
    browser.end()
    studio.process.end()
    let second = try RunningStudio(folder: studio.folder)
    defer { second.remove() }
    #expect(try second.json("/jobs/\(id)")["state"] as? String == "cancelled")
  }
}

import Foundation
import Glibc
import TestSupport
import Testing

/// Networks that visitors bring: from the file to the picture, as the page leads them.
@Suite(.serialized, .enabled(if: Browser.isInstalled, "chromium and chromium-driver: scripts/setup tests"))
struct BroughtModelTests {
  /// ONNX files in the folder that `OTOSCOPE_TEST_MODELS` names, beside the bundled one: such as BirdNET and MTT_vgg.
  static let paths: [String] = {
    let bundled = "\(RunningStudio.root)/Data/models/yamnet.onnx"
    guard let folder = getenv("OTOSCOPE_TEST_MODELS").map({ String(cString: $0) }) else { return [bundled] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return [bundled] + names.filter { $0.hasSuffix(".onnx") }.sorted().map { "\(folder)/\($0)" }
  }()

  @Test("A network is dropped, tried on a sound, kept, and explains a sound", arguments: paths)
  func bring(path: String) throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let clip = try studio.upload(bundled: "duck.mp3")
    // Without what the file says of itself, so that something is left to propose.
    let browser = try Browser()
    defer { browser.end() }
    let start = Date()
    try browser.open(studio.address + "models")
    try browser.choose(file: path, in: "model-file")
    _ = try browser.hook("proposal", within: 60)
    try browser.wait(
      for: "what was heard", within: 60,
      "const h = document.querySelector('\(Browser.hook("heard"))'); return Boolean(h) && h.textContent.trim().length > 0"
    )
    try browser.hook("save").click()
    let models = try #require(try studio.json("/models")["models"] as? [[String: Any]])
    let model = try #require(models.first { $0["bundled"] as? Bool == false })
    let id = try #require(model["id"] as? String)
    // Keeping tries it once more.
    let scores = "/api/v1/clips/\(clip)/scores?model=\(id)"
    let end = Date().addingTimeInterval(60)
    while try studio.http.get(scores).status != 200, Date() < end { usleep(50_000) }
    try browser.wait(
      for: "a way to explain", "return document.querySelector('\(Browser.hook("explain"))') !== null")
    try browser.open(studio.address + "clips/\(clip)?model=\(id)")
    try browser.waitForPicture(within: 60)
    #expect(try browser.isDrawn("spectrogram"))
    let seconds = Date().timeIntervalSince(start)
    print("\(path): from file to picture \(seconds) s")
    let complaints = try browser.complaints()
    #expect(complaints.isEmpty, "\(complaints)")
  }
}

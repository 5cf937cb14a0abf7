import Audio
import Foundation
import Glibc
import TestSupport
import Testing

/// Jobs over the wire: asking, following, cancelling, and what a restart leaves of them.
@Suite(.serialized)
struct JobRouteTests {
  @Test("Methods are compared on a clip, and the comparison survives a restart")
  func compare() throws {
    let studio = try RunningStudio()
    let model = try studio.bring(SmallNetwork.bytes())
    let clip = try studio.upload(wavBytes(of: SmallNetwork.sound(hertz: 600)), as: "tone.wav")
    let job = try studio.start([
      "kind": "compare", "model": model, "clip": clip, "methods": ["saliency", "grad-cam", "lime"],
      "target": "low",
    ])
    let done = try studio.wait(for: job)
    #expect(done["state"] as? String == "done" && done["share"] as? Double == 1)
    let result = try #require(done["result"] as? [String: Any])
    #expect((result["target"] as? [String: Any])?["label"] as? String == "low")
    let methods = try #require(result["methods"] as? [[String: Any]])
    #expect(methods.compactMap { $0["method"] as? String } == ["saliency", "grad-cam", "lime"])
    for method in methods {
      let deletion = try #require(method["deletion"] as? Double)
      let insertion = try #require(method["insertion"] as? Double)
      #expect(abs((method["faithfulness"] as? Double ?? 9) - (insertion - deletion)) < 1e-12)
      let curve = try #require(method["deletionCurve"] as? [Double])
      // By the trapezoid rule, from its definition.
      let area = zip(curve, curve.dropFirst()).reduce(0) { $0 + ($1.0 + $1.1) / 2 } / Double(curve.count - 1)
      #expect(abs(area - deletion) < 1e-12)
      let figure = try #require(method["figure"] as? String)
      let answer = try studio.http.get(figure)
      #expect(answer.body.starts(with: [0x89, 0x50, 0x4E, 0x47]))
      #expect(answer.headers["content-security-policy"]?.hasPrefix("sandbox") == true)
      #expect(answer.headers["cross-origin-resource-policy"] == "cross-origin")
    }
    for name in ["../studio.sqlite", "..%2F..%2Fstudio.sqlite", "nothing.png", ".otoscope.jsonl"] {
      #expect(try studio.http.get("/api/v1/jobs/\(job)/files/\(name)").status == 404)
    }
    // Who comes late is told how it ended.
    let lines = try studio.http.lines("/api/v1/jobs/\(job)/events") { $0.contains("event: end") }
    #expect(lines.contains("event: job") && lines.contains("event: end"))

    studio.process.end()
    let second = try RunningStudio(folder: studio.folder)
    defer { second.remove() }
    let again = try second.json("/jobs/\(job)")
    #expect(NSDictionary(dictionary: again) == NSDictionary(dictionary: done))
    #expect(try second.http.send("DELETE", "/api/v1/jobs/\(job)").status == 204)
    #expect(try second.http.get("/api/v1/jobs/\(job)").status == 404)
    #expect(try FileManager.default.contentsOfDirectory(atPath: second.folder + "/jobs").isEmpty)
  }

  @Test("An evaluation on clips calls them by their names, goes on behind a restart, and recommends")
  func evaluate() throws {
    let studio = try RunningStudio()
    let model = try studio.bring(SmallNetwork.bytes())
    let clips = try [400.0, 700, 1100, 1500].enumerated().map { number, hertz in
      try studio.upload(
        wavBytes(of: SmallNetwork.sound(hertz: hertz, seed: UInt64(number))), as: "whistle-\(number).wav")
    }
    let job = try studio.start([
      "kind": "evaluate", "model": model, "clips": clips, "methods": ["saliency", "grad-cam"], "count": 4,
    ])
    try studio.wait(for: job, toBe: ["running", "done"])
    studio.process.end()
    let second = try RunningStudio(folder: studio.folder)
    defer { second.remove() }
    let done = try second.wait(for: job)
    #expect(done["state"] as? String == "done", "\(done["error"] ?? "")")
    let result = try #require(done["result"] as? [String: Any])
    #expect(result["clips"] as? Int == 4 && (result["recommendation"] as? String)?.isEmpty == false)
    let methods = try #require(result["methods"] as? [[String: Any]])
    #expect(Set(methods.compactMap { $0["method"] as? String }).isSuperset(of: ["saliency", "grad-cam"]))
    let ranks = methods.compactMap { $0["rank"] as? Double }
    #expect(ranks.count == methods.count && ranks == ranks.sorted())
    let page = try second.http.get("/api/v1/jobs/\(job)/files/\(try #require(done["page"] as? String))")
    #expect(page.text.contains("whistle-0") && !page.text.contains(second.folder))
    let table = try second.http.get("/api/v1/jobs/\(job)/files/measurements.csv")
    #expect(table.text.contains("whistle-3") && !table.text.contains(second.folder))
    let sound = try #require((done["files"] as? [String])?.first { $0.hasPrefix("sounds/") })
    #expect(try second.http.get("/api/v1/jobs/\(job)/files/\(sound)").headers["content-type"] == "audio/wav")
    if let recommended = result["recommended"] as? String {
      #expect(try second.json("/models/\(model)")["defaultMethod"] as? String == recommended)
    }
  }

  @Test("The sound that excites a channel, with its curve")
  func maximize() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let model = try studio.bring(SmallNetwork.bytes())
    let job = try studio.start([
      "kind": "maximize", "model": model, "layer": "layer", "channel": 1, "steps": 20,
    ])
    let done = try studio.wait(for: job)
    #expect(done["state"] as? String == "done", "\(done["error"] ?? "")")
    let result = try #require(done["result"] as? [String: Any])
    let first = try #require(result["first"] as? Double)
    #expect(try #require(result["value"] as? Double) > first)
    let sound = try studio.http.get(try #require(result["sound"] as? String))
    #expect(sound.headers["content-type"] == "audio/wav" && sound.body.count > 44)
    #expect(try studio.http.get(try #require(result["picture"] as? String)).status == 200)
    let curve = try #require((done["curves"] as? [String: [[Double]]])?["activation"])
    #expect(curve.count > 20 && curve.map { $0[0] } == curve.map { $0[0] }.sorted())
    let page = try studio.http.get("/api/v1/jobs/\(job)/files/\(try #require(done["page"] as? String))")
    #expect(page.status == 200 && page.text.contains("channel 1 of layer"))
  }

  @Test("A training goes on behind a restart, and its network becomes a model")
  func train() throws {
    let sounds = NSTemporaryDirectory() + "tones-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: sounds) }
    try SmallNetwork.writeSounds(to: sounds, each: 12)
    let name = URL(fileURLWithPath: sounds).lastPathComponent
    let studio = try RunningStudio(["--data-set", sounds])
    let front = try studio.json("")
    #expect((front["dataSets"] as? [[String: Any]])?.first?["name"] as? String == name)
    let model = try studio.bring(SmallNetwork.bytes())
    let job = try studio.start([
      "kind": "train", "data": name, "model": model, "epochs": 400, "learningRate": 0.01, "batch": 8,
    ])
    // The first epochs are seen as they come.
    let lines = try studio.http.lines("/api/v1/jobs/\(job)/events", timeout: 120) { lines in
      lines.count { $0 == "event: point" } > 8 || lines.contains("event: end")
    }
    #expect(lines.contains { $0.contains("\"series\":\"train loss\"") })
    studio.process.end()

    let second = try RunningStudio(folder: studio.folder, ["--data-set", sounds])
    defer { second.remove() }
    let done = try second.wait(for: job)
    #expect(done["state"] as? String == "done", "\(done["error"] ?? "")")
    let curves = try #require(done["curves"] as? [String: [[Double]]])
    for series in ["train loss", "train accuracy", "validation loss", "validation accuracy"] {
      #expect(curves[series]?.map { $0[0] } == (1...400).map(Double.init))
    }
    let losses = try #require(curves["train loss"]).map { $0[1] }
    #expect(try #require(losses.last) < losses[0])
    let result = try #require(done["result"] as? [String: Any])
    let made = try second.json("/models/\(try #require(result["model"] as? String))")
    #expect(made["ready"] as? Bool == true && Set(made["labels"] as? [String] ?? []) == ["low", "high"])
    #expect(try second.http.get("/api/v1/jobs/\(job)/files/index.html").status == 200)
  }

  @Test("Jobs wait for their turn, and those that wait or run can be cancelled")
  func cancel() throws {
    let studio = try RunningStudio()
    let clip = try studio.upload(bundled: "dog.mp3")
    // Many masks on a large network: it does not end by itself while it is looked at.
    let long: [String: Any] = [
      "kind": "compare", "clip": clip, "methods": ["rise", "kernel-shap", "score-cam", "lime"],
    ]
    let running = try studio.start(long)
    let waiting = try studio.start(long)
    let later = try studio.start(long)
    try studio.wait(for: running, toBe: ["running"])
    let states = try #require(try studio.json("/jobs")["jobs"] as? [[String: Any]]).map {
      $0["id"] as? String
    }
    #expect(states == [later, waiting, running])
    #expect(try studio.json("/jobs/\(waiting)")["state"] as? String == "waiting")
    #expect(
      try studio.http.send("DELETE", "/api/v1/jobs/\(waiting)").json()["state"] as? String == "cancelled")
    // A restart: what ran and what waited waits again, what was cancelled does not.
    studio.process.end()
    let second = try RunningStudio(folder: studio.folder)
    defer { second.remove() }
    #expect(try second.json("/jobs/\(waiting)")["state"] as? String == "cancelled")
    try second.wait(for: running, toBe: ["running"])
    #expect(try second.json("/jobs/\(later)")["state"] as? String == "waiting")
    #expect(try second.http.send("DELETE", "/api/v1/jobs/\(running)").status == 200)
    #expect(try second.wait(for: running, within: 60)["state"] as? String == "cancelled")
    try second.wait(for: later, toBe: ["running"])
    #expect(try second.http.send("DELETE", "/api/v1/jobs/\(later)").status == 200)
    try second.wait(for: later, within: 60)
  }

  @Test("A job that ended the studio again and again is not begun for ever")
  func hopeless() throws {
    let studio = try RunningStudio()
    let clip = try studio.upload(bundled: "dog.mp3")
    let long: [String: Any] = [
      "kind": "compare", "clip": clip, "methods": ["rise", "kernel-shap", "score-cam"],
    ]
    let running = try studio.start(long)
    let hopeless = try studio.start(long)
    try studio.wait(for: running, toBe: ["running"])
    studio.process.end()
    // As three beginnings leave it.
    let folder = studio.folder + "/jobs/\(hopeless)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data("III".utf8).write(to: URL(fileURLWithPath: folder + "/.begun"))
    let second = try RunningStudio(folder: studio.folder)
    defer { second.remove() }
    #expect(try second.http.send("DELETE", "/api/v1/jobs/\(running)").status == 200)
    let ended = try second.wait(for: hopeless, within: 120)
    #expect(ended["state"] as? String == "failed")
    let failure = try #require(ended["error"] as? [String: Any])
    #expect((failure["what"] as? String)?.contains("3 times") == true && failure["remedy"] is String)
  }

  @Test("Requests that cannot be meant are refused in words, and only so many wait")
  func refused() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let clip = try studio.upload(bundled: "dog.mp3")
    let wrong: [[String: Any]] = [
      ["kind": "dance"], ["kind": "compare"], ["kind": "compare", "clip": clip, "methods": ["magic"]],
      ["kind": "maximize"], ["kind": "maximize", "target": "Dog", "steps": 0], ["kind": "evaluate"],
      ["kind": "train", "data": "/etc", "architecture": "sb-cnn"], ["kind": "test", "data": "../.."],
      ["kind": "index", "data": "nowhere"],
    ]
    for request in wrong {
      let answer = try studio.http.post("/api/v1/jobs", json: request)
      #expect(answer.status == 400, "\(request)")
      let failure = try #require(try answer.json()["error"] as? [String: Any])
      #expect((failure["what"] as? String)?.isEmpty == false)
    }
    #expect(try studio.http.post("/api/v1/jobs", json: ["kind": "compare", "clip": "nothing"]).status == 404)
    #expect(try studio.http.get("/api/v1/jobs/nothing/events").status == 404)
    #expect((try studio.json("/jobs")["jobs"] as? [Any])?.isEmpty == true)

    let long: [String: Any] = [
      "kind": "compare", "clip": clip, "methods": ["rise", "kernel-shap", "score-cam"],
    ]
    var statuses: [Int] = []
    var retry: String?
    for _ in 0..<40 {
      let answer = try studio.http.post("/api/v1/jobs", json: long)
      statuses.append(answer.status)
      if answer.status == 429 { retry = answer.headers["retry-after"] }
    }
    #expect(Set(statuses) == [202, 429] && retry.flatMap { Int($0) } != nil)
  }
}

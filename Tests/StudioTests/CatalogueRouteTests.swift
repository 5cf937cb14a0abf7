import Audio
import Files
import Foundation
import TestSupport
import Testing

/// Catalogues over the wire: the map, units, sounds, neighbours.
@Suite(.serialized)
struct CatalogueRouteTests {
  @Test("A catalogue's map, its sounds and what is near to what")
  func browse() throws {
    let place = NSTemporaryDirectory() + "catalogue-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: place) }
    let (sounds, model, folder) = ("\(place)/sounds", "\(place)/small.onnx", "\(place)/tones.catalogue")
    try SmallNetwork.writeSounds(to: sounds, each: 8)
    try WholeFile.write(SmallNetwork.bytes(), to: model)
    try SmallNetwork.writeCatalogue(to: folder, of: sounds, model: model)
    let studio = try RunningStudio([folder, "--model", model])
    defer { studio.remove() }

    let front = try studio.json("")
    let catalogue = try #require((front["catalogues"] as? [[String: Any]])?.first)
    #expect(catalogue["id"] as? String == "c0" && catalogue["sounds"] as? Int == 16)
    #expect(catalogue["name"] as? String == "tones.catalogue")
    // The studio's own model is a file of the user's: visitors know it by an id.
    let own = try #require(front["model"] as? String)
    #expect(own.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" })
    #expect(try studio.json("/models/\(own)")["ready"] as? Bool == true)

    for method in ["tsne", "pca"] {
      let map = try studio.json("/catalogues/c0/map?method=\(method)&layer=layer")
      let points = try #require(map["points"] as? [[String: Any]])
      #expect(points.count == 16 && points.map { $0["index"] as? Int } == Array(0..<16))
      #expect(Set(points.compactMap { $0["class"] as? String }) == ["low", "high"])
      #expect(
        points.allSatisfy { ($0["rgb"] as? String)?.count == 7 && ($0["x"] as? Double)?.isFinite == true })
      #expect((map["clusters"] as? [Int])?.count == 16 && map["layer"] as? String == "layer")
      #expect((map["layers"] as? [String])?.contains("layer") == true)
    }
    let unit = try studio.json("/catalogues/c0/unit?layer=layer&channel=3")
    // The channel is dead.
    #expect((unit["values"] as? [Double]) == [Double](repeating: 0, count: 16))
    #expect(try studio.http.get("/api/v1/catalogues/c0/unit?layer=layer&channel=4").status == 400)
    #expect(try studio.http.get("/api/v1/catalogues/c0/unit?layer=layer").status == 400)
    #expect(try studio.http.get("/api/v1/catalogues/c0/map?layer=none").status == 400)

    let map = try studio.json("/catalogues/c0/map?layer=layer&method=pca")
    let points = try #require(map["points"] as? [[String: Any]])
    let index = try #require(points.firstIndex { $0["name"] as? String == "low-0.wav" })
    let audio = try studio.http.get("/api/v1/catalogues/c0/sounds/\(index)/audio")
    let original = try wavBytes(of: Recording.read("\(sounds)/low/low-0.wav"))
    #expect(audio.body == original)
    let part = try studio.http.get("/api/v1/catalogues/c0/sounds/\(index)/audio?start=0.05&end=0.15")
    #expect(part.body.count == 44 + 2 * 800)
    #expect(try studio.http.get("/api/v1/catalogues/c0/sounds/16/audio").status == 404)
    #expect(try studio.http.get("/api/v1/catalogues/c1/map").status == 404)

    // The nearest to a sound of the catalogue, and to the same sound as a clip, are the same.
    let near = try studio.json("/catalogues/c0/neighbours?sound=\(index)&top=5")
    let neighbours = try #require(near["neighbours"] as? [[String: Any]])
    let distances = neighbours.compactMap { $0["distance"] as? Double }
    #expect(neighbours.count == 5 && distances == distances.sorted())
    #expect(!neighbours.contains { $0["index"] as? Int == index })
    let made = try studio.http.send("POST", "/api/v1/catalogues/c0/sounds/\(index)/clip")
    #expect(made.status == 201)
    let clip = try #require(try made.json()["id"] as? String)
    let again = try studio.json("/catalogues/c0/neighbours?clip=\(clip)&top=5")
    #expect(NSDictionary(dictionary: again) == NSDictionary(dictionary: near))

    // A channel tells where in the catalogue it answers most strongly, and that can be played.
    let channel = try studio.json("/clips/\(clip)/layers/0/channels/1")
    let excerpts = try #require(channel["excerpts"] as? [[String: Any]])
    let values = excerpts.compactMap { $0["value"] as? Double }
    #expect(!excerpts.isEmpty && values == values.sorted(by: >))
    #expect((channel["descriptor"] as? [String: Any])?["name"] is String)
    #expect(
      try studio.http.get(try #require(excerpts[0]["audio"] as? String)).headers["content-type"]
        == "audio/wav")

    // A sound that is gone is told in words, without the machine's paths.
    try FileManager.default.removeItem(atPath: "\(sounds)/high/high-1.wav")
    let gone = try #require(points.firstIndex { $0["name"] as? String == "high-1.wav" })
    let missing = try studio.http.get("/api/v1/catalogues/c0/sounds/\(gone)/audio")
    #expect(missing.status == 404 && missing.text.contains("high-1.wav") && !missing.text.contains(place))
  }

  @Test("A catalogue that a job has made is shown among the others")
  func index() throws {
    let sounds = NSTemporaryDirectory() + "tones-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: sounds) }
    try SmallNetwork.writeSounds(to: sounds, each: 4)
    let name = URL(fileURLWithPath: sounds).lastPathComponent
    let studio = try RunningStudio(["--data-set", sounds])
    defer { studio.remove() }
    let model = try studio.bring(SmallNetwork.bytes())
    let job = try studio.start(["kind": "index", "model": model, "data": name])
    let done = try studio.wait(for: job)
    #expect(done["state"] as? String == "done", "\(done["error"] ?? "")")
    let id = try #require((done["result"] as? [String: Any])?["catalogue"] as? String)
    let catalogue = try #require((try studio.json("")["catalogues"] as? [[String: Any]])?.first)
    #expect(catalogue["id"] as? String == id && catalogue["name"] as? String == name)
    #expect((try studio.json("/catalogues/\(id)/map?method=pca")["points"] as? [Any])?.count == 8)
    #expect(try studio.http.send("DELETE", "/api/v1/jobs/\(job)").status == 204)
    #expect(try studio.http.get("/api/v1/catalogues/\(id)/map").status == 404)
  }
}

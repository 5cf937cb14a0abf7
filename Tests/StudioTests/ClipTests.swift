import Audio
import Foundation
import TestSupport
import Testing

/// Clips over the wire: what comes back is what the libraries say.
@Suite(.serialized)
struct ClipTests {
  @Test("A sound that is brought is there again after a restart, and gone when it is deleted")
  func lifetime() throws {
    let first = try RunningStudio()
    let id = try first.upload(bundled: "dog.mp3")
    #expect(try first.upload(bundled: "dog.mp3") == id)
    #expect(try first.http.send("POST", "/api/v1/examples/dog.mp3").status == 200)
    first.process.end()
    let second = try RunningStudio(folder: first.folder)
    defer { second.remove() }
    let clip = try second.json("/clips/\(id)")
    #expect(clip["name"] as? String == "dog.mp3")
    #expect(abs((clip["seconds"] as? Double ?? 0) - 5.99) < 0.01)
    let wav = try second.http.get("/api/v1/clips/\(id)/audio")
    #expect(wav.headers["content-type"] == "audio/wav")
    #expect(wav.body.count == 44 + 2 * 287_471)
    #expect(try second.http.send("DELETE", "/api/v1/clips/\(id)").status == 204)
    #expect(try second.http.get("/api/v1/clips/\(id)").status == 404)
    #expect(try second.http.get("/api/v1/clips/\(id)/audio").status == 404)
    #expect(try FileManager.default.contentsOfDirectory(atPath: second.folder + "/clips").isEmpty)
  }

  @Test("Scores, pictures and explanations of a dog")
  func dog() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let id = try studio.upload(bundled: "dog.mp3")
    let scores = try studio.json("/clips/\(id)/scores?top=5")
    let classes = try #require(scores["classes"] as? [[String: Any]])
    #expect(classes.count == 5 && classes.contains { $0["label"] as? String == "Dog" })
    let moments = try #require(scores["moments"] as? [[Double]])
    let strip = try #require(scores["strip"] as? [[String: Any]])
    #expect((strip[0]["scores"] as? [Double])?.count == moments.count)

    let picture = try ReadPack(studio.http.get("/api/v1/clips/\(id)/spectrogram").body)
    #expect(try picture.shape("picture") == [598, 64])
    let linear = try ReadPack(studio.http.get("/api/v1/clips/\(id)/spectrogram?view=stft").body)
    #expect(try linear.shape("picture")[1] == 1025 && linear.facts["unit"] as? String == "dB of full scale")

    let path = "/api/v1/clips/\(id)/explanation"
    let query = "?method=grad-cam&target=Dog"
    let shown = try ReadPack(studio.http.get(path + query).body)
    #expect((shown.facts["target"] as? [String: Any])?["label"] as? String == "Dog")
    let mask = try shown.floats("mask")
    #expect(mask.allSatisfy { (0...1).contains($0) } && mask.contains { $0 > 0.5 })
    let heard = try studio.http.get(path + "/heard" + query).body.dropFirst(44)
    let ignored = try studio.http.get(path + "/ignored" + query).body.dropFirst(44)
    let whole = try studio.http.get("/api/v1/clips/\(id)/audio").body.dropFirst(44)
    #expect(heard.count == whole.count && ignored.count == whole.count && Array(heard) != Array(ignored))
    #expect(try studio.http.get(path + "/figure.png" + query).body.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(try studio.http.get(path + "/figure.svg" + query).text.contains("<svg"))
    // The same again is not computed again.
    let tag = try #require(try studio.http.get(path + query).headers["etag"])
    #expect(try studio.http.get(path + query, headers: ["If-None-Match": tag]).status == 304)
  }

  @Test("What a brush does is what the library does, and the rest stays as it was")
  func brush() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let id = try studio.upload(bundled: "dog.mp3")
    let stroke: [String: Any] = [
      "action": "mute", "shape": "box", "seconds": [0, 10], "hertz": [200, 4000],
    ]
    let answer = try studio.http.post(
      "/api/v1/clips/\(id)/edit?model=yamnet", json: ["strokes": [stroke], "top": 3, "classes": [69]])
    #expect(answer.status == 200)
    let pack = try ReadPack(answer.body)
    let recording = try Recording.read(RunningStudio.sound("dog.mp3"))
    let edit = SoundEdit([.init(.mute, .box(seconds: 0...10, hertz: 200...4000))])
    let expected = edit.apply(to: recording).mono.map {
      Int16(max(-32768, min(($0 * 32768).rounded(), 32767)))
    }
    #expect(try pack.samples("audio") == expected)
    let classes = try #require(pack.facts["classes"] as? [[String: Any]])
    let dog = try #require(classes.first { $0["index"] as? Int == 69 })
    let (before, after) = (try #require(dog["before"] as? Double), try #require(dog["score"] as? Double))
    #expect(before > 0.8 && after < 0.5 * before)

    let kept = try studio.http.post(
      "/api/v1/clips/\(id)/edits", json: ["strokes": [stroke], "name": "<b>quiet</b>.wav"])
    #expect(kept.status == 201)
    let clip = try kept.json()
    #expect(clip["parent"] as? String == id && clip["name"] as? String == "<b>quiet</b>.wav")
    let other = try #require(clip["id"] as? String)
    let again = try studio.json("/clips/\(other)/scores?top=521")
    let same = (again["classes"] as? [[String: Any]])?.first { $0["index"] as? Int == 69 }
    // Samples of 16 bits.
    #expect(abs((same?["score"] as? Double ?? -1) - after) < 0.01)
  }

  @Test("What is no sound is refused in words, and leaves nothing behind")
  func broken() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let wav = try Array(Data(contentsOf: URL(fileURLWithPath: RunningStudio.sound("dog.mp3"))))
    for bytes in [[], Array("no sound".utf8), [UInt8](repeating: 0, count: 4096), Array(wav.prefix(40))] {
      let answer = try studio.http.send("POST", "/api/v1/clips?name=x.wav", body: bytes)
      #expect(answer.status == 400 || answer.status == 422)
      let error = try #require(try answer.json()["error"] as? [String: Any])
      let what = try #require(error["what"] as? String)
      #expect(what.contains("x.wav") && !what.contains(studio.folder), "\(what)")
    }
    for folder in ["incoming", "clips"] {
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(studio.folder)/\(folder)").isEmpty)
    }
  }

  @Test("A small file that decodes to hours is cut, and one that is too large is refused before it is read")
  func bombs() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let before = studio.process.residentBytes
    let answer = try studio.http.send("POST", "/api/v1/clips?name=bomb.flac", body: Self.silentFLAC(hours: 3))
    #expect(answer.status == 201, "\(answer.text)")
    let clip = try answer.json()
    #expect(clip["seconds"] as? Double == 120)
    #expect((clip["notes"] as? [String])?.contains { $0.contains("longer sound") } == true)
    // Two minutes of 8 kHz are 4 MB; what a model makes of them is not asked for here.
    #expect(studio.process.residentBytes - before < 200 << 20)

    let socket = try studio.http.connect()
    defer { close(socket) }
    let head = LocalHTTP.head("POST", "/api/v1/clips?name=huge.wav", studio.http.port, [:], length: 2 << 30)
    try studio.http.write(head, to: socket)
    let refused = try #require(try LocalHTTP.piece(socket, within: 20))
    #expect(String(decoding: refused, as: UTF8.self).hasPrefix("HTTP/1.1 413"))
    #expect(try studio.http.get("/api/v1").status == 200)
  }

  /// A FLAC file of constant frames, all zero: a few bytes for each 65,535 samples at 8 kHz.
  private static func silentFLAC(hours: Double) -> [UInt8] {
    let total = Int(hours * 3600 * 8000)
    let block = 65_535
    var bytes: [UInt8] = Array("fLaC".utf8) + [0x80, 0, 0, 34]
    bytes += [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0]
    // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples.
    let fields = UInt64(8000) << 44 | UInt64(0) << 41 | UInt64(15) << 36 | UInt64(total)
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: fields >> UInt64(56 - 8 * $0)) }
    bytes += [UInt8](repeating: 0, count: 16)
    for number in 0..<total / block {
      // A fixed block size in 16 bits, 8 kHz, mono, 16 bits a sample.
      var frame: [UInt8] = [0xFF, 0xF8, 0x74, 0x08] + coded(number)
      frame += [UInt8((block - 1) >> 8), UInt8((block - 1) & 255)]
      frame.append(frame.reduce(UInt8(0)) { check8($0 ^ $1) })
      frame += [0, 0, 0]
      let check = frame.reduce(UInt16(0)) { check16($0, $1) }
      bytes += frame + [UInt8(check >> 8), UInt8(check & 255)]
    }
    return bytes
  }

  /// A number as UTF-8 codes it.
  private static func coded(_ number: Int) -> [UInt8] {
    number < 128
      ? [UInt8(number)]
      : number < 2048
        ? [UInt8(0xC0 | number >> 6), UInt8(0x80 | number & 63)]
        : [UInt8(0xE0 | number >> 12), UInt8(0x80 | number >> 6 & 63), UInt8(0x80 | number & 63)]
  }

  private static func check8(_ value: UInt8) -> UInt8 {
    (0..<8).reduce(value) { value, _ in value & 0x80 != 0 ? value << 1 ^ 0x07 : value << 1 }
  }

  private static func check16(_ sum: UInt16, _ byte: UInt8) -> UInt16 {
    (0..<8).reduce(sum ^ UInt16(byte) << 8) { value, _ in
      value & 0x8000 != 0 ? value << 1 ^ 0x8005 : value << 1
    }
  }
}

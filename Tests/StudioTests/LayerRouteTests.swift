import Audio
import Foundation
import TestSupport
import Testing

/// What the layers of a network make of a clip, over the wire.
@Suite(.serialized)
struct LayerRouteTests {
  @Test("Layers, maps and channels of a small network")
  func small() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let model = try studio.bring(SmallNetwork.bytes())
    let clip = try studio.upload(wavBytes(of: SmallNetwork.sound(hertz: 600, seconds: 0.5)), as: "tone.wav")
    let layers = try #require(try studio.json("/models/\(model)/layers")["layers"] as? [[String: Any]])
    #expect(layers.map { $0["name"] as? String } == SmallNetwork.layers)
    #expect(layers[0]["isConvolution"] as? Bool == true && layers[0]["channels"] as? Int == 4)
    #expect(layers[0]["frames"] as? Int == 8 && layers[0]["bands"] as? Int == 8)
    #expect(layers[0]["parameters"] as? Int == 40)
    // Three frames a hop of 4 ms apart, under windows of 8 ms.
    #expect(abs((layers[0]["seconds"] as? Double ?? 0) - 0.016) < 1e-9)

    let path = "/api/v1/clips/\(clip)/layers/0"
    let maps = try ReadPack(studio.http.get("\(path)/maps?model=\(model)").body)
    let shape = try maps.shape("maps")
    let channels = try #require(maps.facts["channels"] as? [[String: Any]])
    let strengths = channels.compactMap { $0["strength"] as? Double }
    #expect(shape[0] == 4 && channels.count == 4 && strengths == strengths.sorted(by: >))
    let axes = try #require(maps.facts["axes"] as? [String: Any])
    #expect(axes["frames"] as? Int == shape[1])
    let panel = try #require((axes["panels"] as? [[String: Any]])?.first)
    let bands = try #require(panel["bands"] as? [Double])
    #expect(bands.count == shape[2] && bands == bands.sorted())
    // The dead channel is the last, and all zero; the others reach their limits.
    #expect(channels[3]["index"] as? Int == 3 && channels[3]["shareActive"] as? Double == 0)
    let bytes = try maps.bytes("maps")
    let size = shape[1] * shape[2]
    #expect(bytes[(3 * size)...].allSatisfy { $0 == 0 })
    for channel in 0..<3 where (channels[channel]["limit"] as? Double ?? 0) > 0 {
      #expect(bytes[(channel * size)..<((channel + 1) * size)].max() == 255)
    }

    let inOrder = try ReadPack(studio.http.get("\(path)/maps?model=\(model)&order=index&top=2").body)
    #expect((inOrder.facts["channels"] as? [[String: Any]])?.compactMap { $0["index"] as? Int } == [0, 1])
    let alone = try ReadPack(studio.http.get("\(path)/maps?model=\(model)&channel=1").body)
    #expect(try alone.shape("maps") == [1, shape[1], shape[2]])
    #expect(try alone.bytes("maps") == Array(inOrder.bytes("maps")[size...]))

    let channel = try studio.json("/clips/\(clip)/layers/0/channels/1?model=\(model)")
    #expect(channel["layer"] as? String == "layer" && channel["descriptor"] is NSNull)
    let whole = try studio.http.get("/api/v1/clips/\(clip)/audio").body
    let solo = try studio.http.get("\(path)/channels/1/solo?model=\(model)")
    #expect(solo.headers["content-type"] == "audio/wav" && solo.body.count == whole.count)
    let dead = try studio.http.get("\(path)/channels/3/solo?model=\(model)").body
    #expect(dead.dropFirst(44).allSatisfy { $0 == 0 })

    #expect(try studio.http.get("\(path)/channels/4/solo?model=\(model)").status == 400)
    #expect(try studio.http.get("/api/v1/clips/\(clip)/layers/9/maps?model=\(model)").status == 404)
    #expect(try studio.http.get("\(path)/maps?model=\(model)&top=0").status == 400)
    #expect(try studio.http.get("\(path)/maps?model=\(model)&order=sideways").status == 400)
  }
}

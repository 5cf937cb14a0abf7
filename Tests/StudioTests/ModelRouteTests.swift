import Foundation
import TestSupport
import Testing

/// Models over the wire: bringing one, saying how it listens, and what is refused.
@Suite(.serialized)
struct ModelRouteTests {
  @Test("The bundled model tells how it can be explained, and cannot be changed")
  func bundled() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let models = try #require(try studio.json("/models")["models"] as? [[String: Any]])
    let model = try #require(models.first)
    #expect(model["id"] as? String == "yamnet" && model["ready"] as? Bool == true)
    #expect(model["rate"] as? Int == 16_000 && model["classes"] as? Int == 521)
    #expect(model["picture"] as? String == "log-mel" && model["isProbability"] as? Bool == true)
    let methods = try #require(model["methods"] as? [[String: Any]])
    let families = Dictionary(grouping: methods) { $0["family"] as? String ?? "" }.mapValues {
      Set($0.compactMap { $0["name"] as? String })
    }
    #expect(Set(families.keys) == ["gradients", "maps of layers", "perturbation", "relevance"])
    #expect(
      families["gradients"]?.isSuperset(of: ["saliency", "integrated-gradients", "guided-backprop"]) == true)
    #expect(families["maps of layers"]?.isSuperset(of: ["grad-cam", "score-cam"]) == true)
    #expect(families["perturbation"]?.isSuperset(of: ["occlusion", "rise", "lime"]) == true)
    #expect(families["relevance"]?.isSuperset(of: ["deeplift"]) == true)
    for method in methods {
      #expect(method["takesLayer"] as? Bool == (method["family"] as? String == "maps of layers"))
    }
    #expect(methods.contains { $0["name"] as? String == model["defaultMethod"] as? String })
    #expect((try studio.json("/models/yamnet")["labels"] as? [String])?.count == 521)
    #expect(try studio.http.send("DELETE", "/api/v1/models/yamnet").status == 403)
    #expect(try studio.http.get("/api/v1/models/nothing").status == 404)
  }

  @Test("A network that says nothing of itself is described, used and deleted")
  func lifetime() throws {
    let studio = try RunningStudio()
    let brought = try studio.http.send(
      "POST", "/api/v1/models?name=mine.onnx", body: SmallNetwork.bytes(isDescribed: false))
    #expect(brought.status == 201)
    let model = try #require(try brought.json()["model"] as? [String: Any])
    let id = try #require(model["id"] as? String)
    #expect(model["name"] as? String == "mine.onnx" && model["ready"] as? Bool == false)
    let problem = try #require(model["problem"] as? String)
    #expect(problem.contains("mine.onnx") && !problem.contains(studio.folder))

    // What it cannot be is refused, and changes nothing.
    func describe(_ text: String) throws -> LocalHTTP.Response {
      try studio.http.send("PUT", "/api/v1/models/\(id)/description", body: Array(text.utf8))
    }
    #expect(try describe("[1]").status == 400)
    let wrong = try describe("{\"front_end\": \(SmallNetwork.frontEnd), \"labels\": [\"a\", \"b\", \"c\"]}")
    #expect(wrong.status == 422 && wrong.text.contains("labels") && !wrong.text.contains(studio.folder))
    #expect(try describe("{\"front_ends\": {}}").status == 422)
    #expect(try studio.json("/models/\(id)")["ready"] as? Bool == false)

    let described = try describe(
      "{\"front_end\": \(SmallNetwork.frontEnd), \"labels\": [\"low\", \"high\"], \"activation\": \"softmax\"}"
    )
    #expect(described.status == 200)
    let answer = try described.json()
    #expect((answer["model"] as? [String: Any])?["ready"] as? Bool == true)
    let proposal = try #require(answer["proposal"] as? [String: Any])
    #expect((proposal["heard"] as? [[String: Any]])?.count == 2)
    let entries = try #require(proposal["entries"] as? [[String: Any]])
    #expect(
      entries.contains { $0["key"] as? String == "labels" && $0["certainty"] as? String == "described" })

    studio.process.end()
    let second = try RunningStudio(folder: studio.folder)
    defer { second.remove() }
    #expect(try second.json("/models/\(id)")["labels"] as? [String] == ["low", "high"])
    let clip = try second.upload(bundled: "dog.mp3")
    let scores = try second.json("/clips/\(clip)/scores?model=\(id)")
    #expect(
      Set((scores["classes"] as? [[String: Any]] ?? []).compactMap { $0["label"] as? String }) == [
        "low", "high",
      ])
    // Another description, other names: what was heard before is not told again.
    let other =
      "{\"front_end\": \(SmallNetwork.frontEnd), \"labels\": [\"deep\", \"shrill\"], \"activation\": \"softmax\"}"
    #expect(
      try second.http.send("PUT", "/api/v1/models/\(id)/description", body: Array(other.utf8)).status == 200)
    let again = try second.json("/clips/\(clip)/scores?model=\(id)")
    #expect(
      Set((again["classes"] as? [[String: Any]] ?? []).compactMap { $0["label"] as? String }) == [
        "deep", "shrill",
      ])

    #expect(try second.http.send("DELETE", "/api/v1/models/\(id)").status == 204)
    #expect(try second.http.get("/api/v1/models/\(id)").status == 404)
    #expect(try second.http.get("/api/v1/clips/\(clip)/scores?model=\(id)").status == 404)
    #expect(try FileManager.default.contentsOfDirectory(atPath: second.folder + "/models").isEmpty)
  }

  @Test("A network that cannot hear as it is guessed to is kept, and asked about")
  func unheard() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let path = "\(RunningStudio.root)/Tests/GraphsTests/Golden/whisper.torchscript.onnx"
    let brought = try studio.http.send(
      "POST", "/api/v1/models?name=whisper.onnx", body: Array(Data(contentsOf: URL(fileURLWithPath: path))))
    #expect(brought.status == 201)
    let answer = try brought.json()
    #expect((answer["model"] as? [String: Any])?["ready"] as? Bool == false)
    let proposal = try #require(answer["proposal"] as? [String: Any])
    let questions = try #require(proposal["questions"] as? [String])
    #expect(proposal["ready"] as? Bool == false && questions.contains { $0.contains("cannot hear") })
  }

  @Test("What is no network, or a damaged one, is refused in words and not kept")
  func hostile() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let whole = SmallNetwork.bytes()
    let files = [
      Array("no network".utf8), [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], Array(whole.prefix(whole.count / 2)),
    ]
    for file in files {
      let answer = try studio.http.send("POST", "/api/v1/models?name=../../bad%0D%0A.onnx", body: file)
      #expect(answer.status == 422)
      let failure = try #require(try answer.json()["error"] as? [String: Any])
      #expect((failure["what"] as? String)?.isEmpty == false && !answer.text.contains(studio.folder))
    }
    #expect(try studio.http.send("POST", "/api/v1/models?name=empty.onnx").status == 400)
    for folder in ["models", "incoming"] {
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(studio.folder)/\(folder)").isEmpty)
    }
    #expect((try studio.json("/models")["models"] as? [Any])?.count == 1)
  }
}

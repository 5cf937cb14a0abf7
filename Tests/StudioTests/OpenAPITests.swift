import Foundation
import Jobs
import Studio
import TestSupport
import Testing

/// The description of the API is that of the API.
@Suite(.serialized)
struct OpenAPITests {
  @Test("Every route is described, and every description has its route")
  func complete() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let answer = try studio.http.get("/api/v1/openapi.json")
    #expect(answer.headers["content-type"] == "application/json")
    let document = try answer.json()
    #expect((document["openapi"] as? String)?.hasPrefix("3.1.") == true)
    let paths = try #require(document["paths"] as? [String: [String: Any]])
    let methods = Set(["get", "post", "put", "delete"])
    let described = Set(
      paths.flatMap { path, item in methods.intersection(item.keys).map { "\($0.uppercased()) \(path)" } })

    let folder = NSTemporaryDirectory() + "studio-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let routes = try Studio(StudioSettings(folder: folder), in: Workspace(threads: 1)).routes
    #expect(described == Set(routes.filter { $0.contains(" /api/") }))

    // Every reference leads somewhere.
    let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
    for part in answer.text.components(separatedBy: "#/components/schemas/").dropFirst() {
      let name = String(part.prefix { $0.isLetter })
      #expect(schemas[name] != nil, "\(name)")
    }
  }

  @Test("Every path that is described answers")
  func answered() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let document = try studio.http.get("/api/v1/openapi.json").json()
    let paths = try #require(document["paths"] as? [String: [String: Any]])
    for (path, item) in paths {
      let filled = path.replacingOccurrences(of: "{layer}", with: "0").replacingOccurrences(
        of: "{index}", with: "0"
      )
      .replacingOccurrences(of: "{channel}", with: "0").replacingOccurrences(of: "{id}", with: "none")
      .replacingOccurrences(of: "{name}", with: "none")
      for method in ["get", "post", "put", "delete"] where item[method] != nil {
        let answer = try studio.http.send(method.uppercased(), filled)
        // What is not there is told as the description says, and not by a router that knows no such path.
        #expect(
          (200..<500).contains(answer.status) && answer.status != 405, "\(method) \(filled): \(answer.status)"
        )
        if answer.status >= 400 {
          let failure = try #require(try answer.json()["error"] as? [String: Any], "\(method) \(filled)")
          #expect((failure["what"] as? String)?.isEmpty == false && failure.keys.contains("remedy"))
        }
      }
    }
  }
}

import Foundation
import TestSupport
import Testing

/// Who is let in, and what becomes of requests that nobody should send.
@Suite(.serialized)
struct GateTests {
  @Test("Names and origins that are not the studio's are refused")
  func origins() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let own = "127.0.0.1:\(studio.http.port)"
    #expect(try studio.http.get("/api/v1").status == 200)
    #expect(try studio.http.get("/api/v1", headers: ["Host": "localhost:\(studio.http.port)"]).status == 200)
    for host in [
      "evil.example", "evil.example:\(studio.http.port)", "127.0.0.1", "127.0.0.1:1",
      "127.0.0.1.evil.example",
    ] {
      #expect(try studio.http.get("/api/v1", headers: ["Host": host]).status == 421, "Host: \(host)")
    }
    #expect(try studio.http.get("/api/v1", headers: ["Origin": "http://\(own)"]).status == 200)
    for origin in ["http://evil.example", "null", "https://127.0.0.1:1", "http://\(own).evil.example"] {
      let answer = try studio.http.send("POST", "/api/v1/examples/dog.mp3", headers: ["Origin": origin])
      #expect(answer.status == 403, "Origin: \(origin)")
    }
    #expect(try studio.http.get("/api/v1", headers: ["Sec-Fetch-Site": "cross-site"]).status == 403)
    #expect((try studio.json("/clips")["clips"] as? [Any])?.isEmpty == true)
  }

  @Test("Every answer carries the policy that keeps scripts out")
  func policy() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    for path in ["/", "/api/v1", "/page/app.js", "/nothing/here"] {
      let answer = try studio.http.get(path)
      let policy = try #require(answer.headers["content-security-policy"], "\(path)")
      #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"))
      #expect(!policy.contains("unsafe"))
      #expect(answer.headers["x-content-type-options"] == "nosniff")
    }
  }

  @Test("A studio for others asks for its token, in the address once and then in a cookie")
  func token() throws {
    let token = "correct-horse-battery-staple"
    let studio = try RunningStudio(["--token", token])
    defer { studio.remove() }
    #expect(studio.address.hasSuffix("?token=\(token)"))
    for path in ["/", "/api/v1", "/page/app.js", "/api/v1/clips"] {
      #expect(try studio.http.get(path).status == 401, "\(path)")
      #expect(try studio.http.get("\(path)?token=wrong").status == 401, "\(path)")
      let bearer = try studio.http.get(path, headers: ["Authorization": "Bearer \(token)x"])
      #expect(bearer.status == 401)
      #expect(!bearer.text.contains(token))
    }
    let entry = try studio.http.get("/?token=\(token)")
    #expect(entry.status == 303 && entry.headers["location"] == "/")
    let cookie = try #require(entry.headers["set-cookie"])
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
    let pair = String(cookie.prefix { $0 != ";" })
    #expect(try studio.http.get("/api/v1", headers: ["Cookie": pair]).status == 200)
    #expect(try studio.http.get("/api/v1", headers: ["Authorization": "Bearer \(token)"]).status == 200)
  }

  @Test("Every file of the page is in the binary, as it lies in its folder")
  func pageFiles() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let folder = "\(RunningStudio.root)/Sources/Studio/Page"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.contains("index.html"))
    for name in names {
      let answer = try studio.http.get("/page/\(name)")
      let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
      #expect(answer.status == 200 && answer.body == bytes, "list \(name) in PageFiles+Embedded.swift")
    }
  }

  @Test("Other machines are let in only with a token")
  func addresses() throws {
    let failure = #expect(throws: ChildFailure.self) { try RunningStudio(["--host", "0.0.0.0"]).remove() }
    #expect(failure?.description.contains("--token") == true)
    let short = #expect(throws: ChildFailure.self) { try RunningStudio(["--token", "short"]).remove() }
    #expect(short?.description.contains("16") == true)
  }

  @Test("No part of an address becomes a path")
  func traversal() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let tricks = [
      "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "....//etc/passwd",
      "%2fetc%2fpasswd", "..\\..\\etc\\passwd", "studio.sqlite", "..%00", "%00", "con", ".", "..",
    ]
    for trick in tricks {
      for path in [
        "/page/", "/api/v1/clips/", "/api/v1/models/", "/api/v1/examples/", "/api/v1/jobs/",
        "/api/v1/catalogues/",
        "/api/v1/jobs/1/files/",
      ] {
        for method in ["GET", "POST", "DELETE"] {
          let answer = try studio.http.send(method, path + trick)
          #expect((400..<500).contains(answer.status), "\(method) \(path + trick): \(answer.status)")
          #expect(!answer.text.contains("root:") && !answer.text.contains(studio.folder))
        }
      }
      let named = try studio.http.send("POST", "/api/v1/clips?name=\(trick)", body: [1, 2, 3])
      #expect((400..<500).contains(named.status))
      for parameter in ["model", "layer", "method", "target", "view", "domain"] {
        let answer = try studio.http.get("/api/v1/clips/x/explanation?\(parameter)=\(trick)")
        #expect((400..<500).contains(answer.status))
      }
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: studio.folder + "/incoming")
    #expect(files.isEmpty)
  }

  @Test("Bodies that are no JSON, or not the kind that is expected, are refused in words")
  func malformed() throws {
    let studio = try RunningStudio()
    defer { studio.remove() }
    let id = try studio.upload(bundled: "duck.mp3")
    let bodies = [
      "", "{", "[]", "null", "{\"strokes\": 7}", "{\"strokes\": [{}]}",
      "{\"strokes\": [{\"action\": \"burn\"}]}",
      "{\"strokes\": [{\"action\": \"mute\", \"shape\": \"box\", \"seconds\": [1], \"hertz\": [1, 2]}]}",
      "{\"strokes\": [{\"action\": \"mute\", \"shape\": \"path\", \"points\": [[1e400, 2]], \"radius\": {\"seconds\": 1, \"octaves\": 1}}]}",
      String(repeating: "[", count: 100_000),
    ]
    for body in bodies {
      let answer = try studio.http.send("POST", "/api/v1/clips/\(id)/edit", body: Array(body.utf8))
      #expect(answer.status == 400, "\(body.prefix(60)): \(answer.status)")
      let error = try answer.json()["error"] as? [String: Any]
      #expect((error?["what"] as? String)?.isEmpty == false)
    }
    #expect(try studio.http.get("/api/v1").status == 200)
  }
}

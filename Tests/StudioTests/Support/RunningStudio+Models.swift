import Foundation
import Glibc
import TestSupport

extension RunningStudio {
  /// Brings a model; returns its id.
  func bring(_ bytes: [UInt8], as name: String = "small.onnx") throws -> String {
    let answer = try http.send("POST", "/api/v1/models?name=\(name)", body: bytes)
    guard let id = (try answer.json()["model"] as? [String: Any])?["id"] as? String else {
      throw ChildFailure("no model: \(answer.text)")
    }
    return id
  }

  /// Asks for a job; returns its id.
  func start(_ request: [String: Any]) throws -> String {
    let answer = try http.post("/api/v1/jobs", json: request)
    guard answer.status == 202, let id = try answer.json()["id"] as? String else {
      throw ChildFailure("no job: \(answer.status) \(answer.text)")
    }
    return id
  }

  /// The job once it is in one of these states.
  @discardableResult
  func wait(
    for job: String, toBe states: Set<String> = ["done", "failed", "cancelled"], within seconds: Double = 300
  )
    throws -> [String: Any]
  {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
      let found = try json("/jobs/\(job)")
      if let state = found["state"] as? String, states.contains(state) { return found }
      usleep(30_000)
    }
    throw ChildFailure("the job is not \(states) within \(seconds) s: \(try json("/jobs/\(job)"))")
  }
}

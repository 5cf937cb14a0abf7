import Files
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import Reports

extension Studio {
  /// What takes longer: jobs, how far they are, and what they find.
  func addJobRoutes(to api: StudioRoutes) {
    api.post("jobs") { [self] request, _ in
      Response.json(try jobs.add(try await value(JSONValue.self, of: request), to: self), status: .accepted)
    }
    api.get("jobs") { [self] _, _ in
      // Curves are told one by one.
      Response.json(["jobs": jobs.all().map(\.withoutCurves)])
    }
    api.get("jobs/:id") { [self] _, context in Response.json(try jobs.job(try context.part("id"))) }
    api.delete("jobs/:id") { [self] _, context in
      let job = try jobs.job(try context.part("id"))
      if job.stored.state.isOpen { return Response.json(try jobs.cancel(job.stored.id)) }
      // A folder of many files takes its time.
      return try await readers.run { [self] _ in
        try jobs.forget(job.stored.id)
        return Response.nothing
      }
    }
    api.get("jobs/:id/events") { [self] _, context in
      let events = try jobs.events(of: try context.part("id"))
      let body = ResponseBody { writer in
        for await event in events { try await writer.write(ByteBuffer(string: event.text)) }
        try await writer.finish(nil)
      }
      return Response(
        status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }
    api.get("jobs/:id/files/**") { [self] _, context in
      let job = try jobs.job(try context.part("id"))
      let asked = context.parameters.getCatchAll().map { String(percentDecoded: $0) }.joined(separator: "/")
      // What is opened is the name that the job has listed, never the one that was asked for.
      guard let name = job.stored.files.first(where: { $0 == asked }) else {
        throw StudioFailure.notFound("such file of this job")
      }
      let path = Folder.path(to: name, in: store.jobFolder(job.stored.id))
      return try await readers.run { _ in
        guard WholeFile.exists(path) else { throw StudioFailure.notFound("such file of this job any more") }
        return Response.bytes(try WholeFile.read(path), Self.fileType(of: name), headers: Self.fileHeaders)
      }
    }
  }

  /// A report has its own style and scripts. It is shown in a frame without rights on the studio's page, from an origin of
  /// its own, and asks for nothing but its own files.
  private static var fileHeaders: HTTPFields {
    var headers = HTTPFields()
    headers[.contentSecurityPolicy] =
      "sandbox allow-scripts; default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; "
      + "img-src 'self' data: blob:; media-src 'self' data: blob:; base-uri 'none'; form-action 'none'; "
      + "frame-ancestors 'self'"
    if let name = HTTPField.Name("Cross-Origin-Resource-Policy") { headers[name] = "cross-origin" }
    return headers
  }

  private static let fileTypes = [
    "html": "text/html; charset=utf-8", "json": "application/json", "csv": "text/csv; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml", "wav": "audio/wav", "webm": "video/webm", "mp4": "video/mp4",
  ]

  private static func fileType(of name: String) -> String {
    name.split(separator: ".").last.flatMap { fileTypes[String($0)] } ?? "application/octet-stream"
  }
}

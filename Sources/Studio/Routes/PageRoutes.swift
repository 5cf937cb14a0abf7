import HTTPTypes
import Hummingbird

extension Studio {
  /// The page: one document for all views, and its files.
  func addPageRoutes(to router: Router<StudioContext>) {
    let views: [RouterPath] = [
      "", "clips", "clips/:id", "models", "models/:id", "inside", "inside/:id", "compare", "atlas", "runs",
      "runs/:id",
    ]
    for view in views {
      router.get(view) { [self] request, _ in try pageFile("index.html", request) }
    }
    router.get("page/:name") { [self] request, context in try pageFile(try context.part("name"), request) }
    router.get("favicon.ico") { [self] request, _ in try pageFile("mark.svg", request) }
  }

  private func pageFile(_ name: String, _ request: Request) throws -> Response {
    guard let file = page.file(name) else { throw StudioFailure.notFound("such page") }
    let tag = "\"\(file.tag)\""
    if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified) }
    var headers = HTTPFields()
    headers[.eTag] = tag
    headers[.cacheControl] = "no-cache"
    headers[.vary] = "Accept-Encoding"
    if let packed = file.packed, request.headers[.acceptEncoding]?.contains("gzip") == true {
      headers[.contentEncoding] = "gzip"
      return .bytes(packed, file.type, headers: headers)
    }
    return .bytes(file.bytes, file.type, headers: headers)
  }
}

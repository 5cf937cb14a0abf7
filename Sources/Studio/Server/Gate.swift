import HTTPTypes
import Hummingbird

/// Lets in whom the studio is for, and turns every failure into a clear answer.
///
/// A page on the internet can make a browser ask this machine for things. It gets nothing: a request has to name this studio
/// as its `Host` (which a name rebound to this address does not), and where it says where it comes from (`Origin`,
/// `Sec-Fetch-Site`), that has to be this studio, too. Where other machines may come, all have to show the token.
struct Gate<Context: RequestContext>: RouterMiddleware {
  let settings: StudioSettings
  /// The port that was given, once the server listens.
  let port: @Sendable () -> Int

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    var response: Response
    do {
      try checkOrigin(request)
      if let entry = try checkToken(request) {
        response = entry
      } else {
        response = try await next(request, context)
      }
    } catch {
      response = StudioFailure(error).response
    }
    // A file of a job brings its own.
    if response.headers[.contentSecurityPolicy] == nil {
      response.headers[.contentSecurityPolicy] = Self.policy
    }
    response.headers[.xContentTypeOptions] = "nosniff"
    for case (let name?, let value) in Self.fixed where response.headers[name] == nil {
      response.headers[name] = value
    }
    return response
  }

  private static var policy: String {
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
      + "connect-src 'self'; worker-src 'self' blob:; font-src 'self'; frame-src 'self'; base-uri 'none'; "
      + "form-action 'none'; frame-ancestors 'self'"
  }

  private static var fixed: [(HTTPField.Name?, String)] {
    [
      (HTTPField.Name("Referrer-Policy"), "no-referrer"),
      (HTTPField.Name("Cross-Origin-Opener-Policy"), "same-origin"),
      (HTTPField.Name("Cross-Origin-Resource-Policy"), "same-origin"),
      (HTTPField.Name("Permissions-Policy"), "microphone=(self), camera=(), geolocation=()"),
    ]
  }

  // MARK: - Where it comes from

  private func checkOrigin(_ request: Request) throws(StudioFailure) {
    guard let host = request.head.authority, isOurs(host) else {
      throw StudioFailure(.misdirectedRequest, "this is not the studio that was asked for")
    }
    if let origin = request.headers[.origin] {
      guard
        origin.lowercased() == "http://\(host.lowercased())"
          || origin.lowercased() == "https://\(host.lowercased())"
      else { throw StudioFailure(.forbidden, "requests from other pages are not answered") }
    }
    if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }), site == "cross-site",
      !(request.method == .get && (!request.uri.path.hasPrefix("/api") || Self.isFileOfJob(request.uri.path)))
    {
      throw StudioFailure(.forbidden, "requests from other pages are not answered")
    }
  }

  /// A report is shown in a frame of an origin of its own: to a browser, the pictures and sounds in it are asked for by another
  /// site. Who asks has to know the job's id, which nobody can guess, and gets nothing that a script could read.
  private static func isFileOfJob(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    return parts.count >= 6 && parts[..<3] == ["api", "v1", "jobs"] && parts[4] == "files"
  }

  /// Where a token protects the studio, it may be reached by any name.
  private func isOurs(_ host: String) -> Bool {
    if settings.token != nil { return true }
    let names = ["127.0.0.1", "localhost", "[::1]"]
    return names.contains {
      host.lowercased() == "\($0):\(port())" || port() == 80 && host.lowercased() == $0
    }
  }

  // MARK: - The token

  private static var cookie: String { "otoscope-token" }

  /// The redirection that sets the cookie, for who comes with the token in the address; nil for who is let in.
  private func checkToken(_ request: Request) throws(StudioFailure) -> Response? {
    guard let token = settings.token else { return nil }
    if let shown = request.uri.queryParameters["token"].map(String.init), request.method == .get {
      guard Self.isEqual(shown, token) else { throw Self.refusal }
      var headers = HTTPFields()
      headers[.location] = request.uri.path
      headers[.setCookie] = "\(Self.cookie)=\(token); Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000"
      return Response(status: .seeOther, headers: headers)
    }
    let bearer = request.headers[.authorization].flatMap {
      $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil
    }
    let shown = bearer ?? request.cookies[Self.cookie]?.value
    guard let shown, Self.isEqual(shown, token) else { throw Self.refusal }
    return nil
  }

  private static var refusal: StudioFailure {
    StudioFailure(
      .unauthorized, "this studio asks for a token",
      remedy: "open the address with ?token=... that 'otoscope serve' printed")
  }

  /// Takes as long whatever the first difference is.
  private static func isEqual(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var difference = UInt8(a.count == b.count ? 0 : 1)
    for index in b.indices { difference |= b[index] ^ (a.isEmpty ? 0 : a[index % a.count]) }
    return difference == 0
  }
}

import Audio
import Explain
import Files
import HTTPTypes
import Hummingbird
import Jobs

/// Why a request is not answered as asked: a status, what is wrong, and what to do about it.
struct StudioFailure: Error {
  let status: HTTPResponse.Status
  let what: String
  var remedy: String?
  /// When to come back, in seconds.
  var retryAfter: Int?

  init(_ status: HTTPResponse.Status, _ what: String, remedy: String? = nil, retryAfter: Int? = nil) {
    (self.status, self.what, self.remedy, self.retryAfter) = (status, what, remedy, retryAfter)
  }

  static func notFound(_ what: String) -> StudioFailure {
    StudioFailure(.notFound, "there is no \(what)")
  }

  static func bad(_ what: String) -> StudioFailure { StudioFailure(.badRequest, what) }

  static let busy = StudioFailure(
    .serviceUnavailable, "too many requests wait already", remedy: "try again in a moment", retryAfter: 2)

  static func tooLarge(_ name: String, limit: Int) -> StudioFailure {
    StudioFailure(
      .contentTooLarge, "\(name) is larger than \(limit >> 20) MB, the most that is taken",
      remedy: "give a shorter one, or cut a part out of it")
  }

  /// What an error of the libraries means to a visitor. Paths of this machine are left out of what is not for them.
  ///
  /// - Parameter subject: what the user calls the file that was read.
  init(_ error: any Error, about subject: (path: String, name: String)? = nil) {
    func named(_ text: String) -> String {
      guard let subject else { return text }
      return text.replacing(subject.path, with: subject.name)
    }
    switch error {
    case let failure as StudioFailure: self = failure
    case is Cancelled, is CancellationError:
      self.init(
        HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request"), "the request was given up")
    case let error as HTTPError:
      self.init(error.status, error.body ?? "\(error.status.reasonPhrase.lowercased())")
    case let error as any RemediableError:
      self.init(
        error.isMisuse ? .badRequest : .unprocessableContent, named("\(error)"),
        remedy: error.remedy?.inThePage)
    case let error as Misuse: self.init(.badRequest, named("\(error)"))
    case let error as DecodingError: self.init(.badRequest, Self.words(for: error))
    default: self.init(.unprocessableContent, named("\(error)"))
    }
  }

  /// What an error in reading a body means.
  private static func words(for error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
    }
    return switch error {
    case .keyNotFound(let key, let context): "the body has no '\(key.stringValue)' at '\(place(context))'"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      "the body's '\(place(context))' is no \(type)"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "the body is no JSON of the kind that is expected"
        : "the body's '\(place(context))': \(context.debugDescription)"
    @unknown default: "the body cannot be read"
    }
  }

  private struct Body: Encodable {
    struct Words: Encodable {
      let what: String
      let remedy: String?

      func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(what, forKey: .what)
        try container.encode(remedy, forKey: .remedy)
      }

      private enum Keys: CodingKey { case what, remedy }
    }

    let error: Words
  }

  var response: Response {
    var headers = HTTPFields()
    if let retryAfter { headers[.retryAfter] = "\(retryAfter)" }
    return .json(Body(error: .init(what: what, remedy: remedy)), status: status, headers: headers)
  }
}

extension HTTPResponse.Status {
  static let diskFull = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
}

extension Remedy {
  /// What to do in the page.
  var inThePage: String {
    switch self {
    case .choosePart: "take a shorter part of the sound"
    case .nameEmbedding: "choose a layer as the embedding"
    case .nameLayer: "choose a layer"
    case .fewerSegments: "choose fewer segments"
    case .explainSound: "use a sound"
    case .evaluate: "evaluate the model first, or choose a method"
    case .nameMethod: "choose a method"
    case .nameShape, .nameOutput, .nameAxes, .nameActivation, .configure:
      "say on the model's page how it listens"
    case .nameAnotherRival: "choose another class to compare with"
    case .nameColumns: "name the table's columns"
    case .chooseSplit: "share the clips out in another way"
    }
  }
}

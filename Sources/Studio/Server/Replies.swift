import HTTPTypes
import Hummingbird
import NIOCore
import Reports
import Tensors

extension Response {
  /// A value as JSON.
  static func json(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = HTTPFields()
  ) -> Response {
    do {
      return bytes(try RecordCoding.file(value), "application/json", status: status, headers: headers)
    } catch {
      return bytes(
        Array(#"{"error": {"what": "the answer holds numbers that are none", "remedy": null}}"#.utf8),
        "application/json",
        status: .internalServerError)
    }
  }

  static func bytes(
    _ bytes: [UInt8], _ type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = HTTPFields()
  ) -> Response {
    var headers = headers
    headers[.contentType] = type
    if headers[.cacheControl] == nil { headers[.cacheControl] = "private, no-cache" }
    return Response(
      status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  static let nothing = Response(status: .noContent)
}

/// An answer that may be kept and given again.
struct Reply: Sendable {
  let bytes: [UInt8]
  let type: String
  /// What the browser calls the file, where it is one to keep.
  var fileName: String?

  static func wav(_ bytes: [UInt8]) -> Reply { Reply(bytes: bytes, type: "audio/wav") }

  /// - Throws: `EncodingError` for numbers that are none.
  static func json(_ value: some Encodable) throws -> Reply {
    Reply(bytes: try RecordCoding.file(value), type: "application/json")
  }

  func response(tag: String? = nil) -> Response {
    var headers = HTTPFields()
    headers[.eTag] = tag.map { "\"\($0)\"" }
    if let fileName { headers[.contentDisposition] = "attachment; filename=\"\(Self.plain(fileName))\"" }
    return .bytes(bytes, type, headers: headers)
  }

  /// What no header can be broken with.
  private static func plain(_ name: String) -> String {
    String(
      name.unicodeScalars.map { scalar -> Character in
        scalar.isASCII && scalar.value > 31 && scalar != "\"" && scalar != "\\" && scalar != "/"
          && scalar.value < 127
          ? Character(scalar) : "_"
      })
  }
}

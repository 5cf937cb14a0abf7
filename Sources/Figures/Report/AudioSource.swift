/// A sound a page can play.
public enum AudioSource: Sendable, Hashable {
  /// The bytes of a sound file, kept in the page itself, with their media type: `audio/wav`.
  case embedded([UInt8], mime: String)
  /// A file beside the page: its path relative to the page's folder, with `/` between its parts.
  case linked(String)

  /// What an `src` attribute holds, escaped. A linked path always stays a path: what looks like a scheme or a host is
  /// percent-encoded, so that a file's name cannot make the page load something from elsewhere.
  package var attribute: String {
    switch self {
    case .embedded(let bytes, let mime):
      let type = mime.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/+-.".contains($0)) }
      return "data:\(type ? mime : "audio/wav");base64,\(Base64.encode(bytes))"
    case .linked(let path):
      let parts = path.split(separator: "/").map(Self.percentEncoded).joined(separator: "/")
      return (path.hasPrefix("/") ? "/" : "./") + parts
    }
  }

  private static func percentEncoded(_ text: Substring) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var result = [UInt8]()
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.append(byte)
      default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// Paths as text in which no byte is lost.
///
/// On Linux a path is bytes; most are UTF-8, and those are the text they seem to be. A byte that is no part of UTF-8 stands
/// in the text as one private scalar, U+EF80 + (byte − 0x80), which becomes that byte again where the system is asked. A name
/// that holds such scalars itself is written byte by byte, so that every path has one text and every text one path.
public enum PathText {
  private static let escapes: ClosedRange<UInt32> = 0xEF80...0xEFFF

  /// The text of a path's bytes.
  public static func text(_ bytes: some Collection<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self), !holdsEscapes(text) { return text }
    var text = String.UnicodeScalarView()
    var rest = Array(bytes)[...]
    while let first = rest.first {
      let count = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      if let valid = String(validating: rest.prefix(count), as: UTF8.self), !holdsEscapes(valid),
        let scalar = valid.unicodeScalars.first
      {
        text.append(scalar)
        rest = rest.dropFirst(count)
      } else {
        if let scalar = Unicode.Scalar(escapes.lowerBound + UInt32(first & 0x7F)) { text.append(scalar) }
        rest = rest.dropFirst()
      }
    }
    return String(text)
  }

  /// The text of the path at `pointer`, which ends with a zero.
  public static func text(at pointer: UnsafePointer<CChar>) -> String {
    text(UnsafeBufferPointer(start: pointer, count: length(of: pointer)).map { UInt8(bitPattern: $0) })
  }

  /// The bytes of the path that `text` stands for.
  public static func bytes(_ text: String) -> [UInt8] {
    guard holdsEscapes(text) else { return Array(text.utf8) }
    return text.unicodeScalars.flatMap { scalar in
      escapes.contains(scalar.value)
        ? [UInt8(scalar.value - escapes.lowerBound) | 0x80] : Array(String(scalar).utf8)
    }
  }

  /// `text` for reading: bytes that are no text as `\\xE9`.
  public static func shown(_ text: String) -> String {
    guard holdsEscapes(text) else { return text }
    return text.unicodeScalars.reduce(into: "") { shown, scalar in
      if escapes.contains(scalar.value) {
        shown += "\\x" + String(scalar.value - escapes.lowerBound | 0x80, radix: 16, uppercase: true)
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
  }

  private static func holdsEscapes(_ text: String) -> Bool {
    // All of them begin with the bytes EE BE or EE BF.
    guard text.utf8.contains(0xEE) else { return false }
    return text.unicodeScalars.contains { escapes.contains($0.value) }
  }

  private static func length(of pointer: UnsafePointer<CChar>) -> Int {
    var count = 0
    while pointer[count] != 0 { count += 1 }
    return count
  }
}

extension String {
  /// The path that this text stands for, as the system takes it.
  public func withPath<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
    try (PathText.bytes(self).map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return try withCString(body) }
      return try body(start)
    }
  }
}

/// Bytes as text (RFC 4648, section 4), for pictures and sounds inside a page.
package enum Base64 {
  /// `bytes` in base 64 with padding and no line breaks. Linear; about a gigabyte a second.
  package static func encode(_ bytes: [UInt8]) -> String {
    let length = (bytes.count + 2) / 3 * 4
    return String(unsafeUninitializedCapacity: length) { output in
      bytes.withUnsafeBufferPointer { input in
        alphabet.withUnsafeBufferPointer { alphabet in
          var place = 0
          var index = 0
          while index + 3 <= input.count {
            let group = Int(input[index]) << 16 | Int(input[index + 1]) << 8 | Int(input[index + 2])
            output[place] = alphabet[group >> 18]
            output[place + 1] = alphabet[group >> 12 & 63]
            output[place + 2] = alphabet[group >> 6 & 63]
            output[place + 3] = alphabet[group & 63]
            index += 3
            place += 4
          }
          let rest = input.count - index
          guard rest > 0 else { return }
          let group = Int(input[index]) << 16 | (rest == 2 ? Int(input[index + 1]) << 8 : 0)
          output[place] = alphabet[group >> 18]
          output[place + 1] = alphabet[group >> 12 & 63]
          output[place + 2] = rest == 2 ? alphabet[group >> 6 & 63] : UInt8(ascii: "=")
          output[place + 3] = UInt8(ascii: "=")
        }
      }
      return length
    }
  }

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}

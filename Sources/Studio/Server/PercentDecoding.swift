extension String {
  /// The text that an address spells with `%` and two hexadecimal digits a byte; what is no such spelling stays as it is.
  init(percentDecoded text: some StringProtocol) {
    func digit(_ byte: UInt8) -> UInt8? { Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) } }
    let bytes = Array(text.utf8)
    var (decoded, place) = ([UInt8](), 0)
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "%"), place + 2 < bytes.count, let high = digit(bytes[place + 1]),
        let low = digit(bytes[place + 2])
      {
        decoded.append(high << 4 | low)
        place += 3
      } else {
        decoded.append(bytes[place])
        place += 1
      }
    }
    self.init(decoding: decoded, as: UTF8.self)
  }
}

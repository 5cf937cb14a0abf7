import Glibc

/// Numbers as text.
package enum NumberText {
  /// `value` with that many significant digits, in the shortest form: `0.25`, `3150`, `1e-07`.
  package static func rounded(_ value: Double, digits: Int) -> String {
    if value == value.rounded(), value.magnitude < 1e15 { return String(Int(value)) }
    var buffer = [CChar](repeating: 0, count: 32)
    let written = withVaList([Int32(digits), value]) { vsnprintf(&buffer, 32, "%.*g", $0) }
    return String(decoding: buffer.prefix(max(0, Int(written))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// `value` with three decimals: `0.920`.
  package static func threeDecimals(_ value: Float) -> String {
    let thousandths = Int((value.magnitude * 1000).rounded())
    let fraction = String(thousandths % 1000)
    return (value < 0 ? "-" : "") + "\(thousandths / 1000)."
      + String(repeating: "0", count: 3 - fraction.count)
      + fraction
  }

  /// `value`, which is not negative, with two decimals: `0.92`, for seconds.
  package static func hundredths(_ value: Double) -> String {
    let whole = Int(min((value * 100).rounded(), 1e15))
    return "\(whole / 100)." + (whole % 100 < 10 ? "0" : "") + "\(whole % 100)"
  }

  /// `1234567` as `1 234 567`.
  package static func grouped(_ number: Int) -> String {
    var digits = Array(String(number))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(" ", at: place) }
    return String(digits)
  }

  /// `bytes` with three digits and a unit of powers of 1000: `1.5 GB`.
  package static func memory(_ bytes: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var value = Double(bytes)
    var place = 0
    while value >= 999.5, place < units.count - 1 {
      value /= 1000
      place += 1
    }
    return "\(rounded(value, digits: 3)) \(units[place])"
  }
}

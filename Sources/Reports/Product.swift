import Glibc

/// What made a report, and when.
public enum Product {
  public static let version = "0.1.0"

  /// Now, as `2026-05-17 09:30`, in local time.
  public static func date() -> String {
    var now = time(nil)
    var parts = tm()
    localtime_r(&now, &parts)
    var buffer = [CChar](repeating: 0, count: 64)
    let length = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M", &parts)
    return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

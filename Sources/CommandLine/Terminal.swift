import Glibc

/// What a person sees while a verb works: messages and progress on standard error, results on standard output.
enum Terminal {
  static let isInteractive = isatty(STDERR_FILENO) == 1

  static func error(_ message: String) {
    clearProgress()
    write(message + "\n", to: STDERR_FILENO)
  }

  /// A line that is neither result nor error.
  static func note(_ message: String) { error(message) }

  /// A result, a line of its own.
  static func result(_ line: String) {
    clearProgress()
    write(line + "\n", to: STDOUT_FILENO)
  }

  fileprivate static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  fileprivate static func clearProgress() {
    if isInteractive { write("\r\u{1B}[K", to: STDERR_FILENO) }
  }

  /// Seconds on a clock that only goes forward.
  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// A progress line on the terminal: shown after a second, with the time left once ten seconds are foreseen.
final class Progress: @unchecked Sendable {
  private let title: String
  private let start = Terminal.now()
  private var shown = -1.0

  init(_ title: String) { self.title = title }

  /// - Parameter share: from 0 to 1.
  func update(_ share: Double, _ detail: String = "") {
    let now = Terminal.now()
    guard Terminal.isInteractive, now - start > 1, now - shown > 0.1 else { return }
    shown = now
    let done = Int((min(max(share, 0), 1) * 20).rounded())
    let bar = String(repeating: "#", count: done) + String(repeating: ".", count: 20 - done)
    let whole = share > 0 ? (now - start) / share : 0
    let left = whole > 10 ? ", \(Self.clock(whole - (now - start))) left" : ""
    let percent = Int((share * 100).rounded())
    Terminal.write("\r\u{1B}[K\(title) [\(bar)] \(percent) %\(detail.isEmpty ? "" : " " + detail)\(left)", to: STDERR_FILENO)
  }

  func finish() { Terminal.clearProgress() }

  private static func clock(_ seconds: Double) -> String {
    let seconds = Int(seconds.rounded(.up))
    return seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
  }
}

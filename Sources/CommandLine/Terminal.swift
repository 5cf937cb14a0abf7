import Explain
import Files
import Audio
import Glibc

/// What a person sees while a verb works: messages and progress on standard error, results on standard output.
enum Terminal {
  static let isInteractive = isatty(STDERR_FILENO) == 1

  /// What went wrong, on one line.
  static func error(_ message: String) { note("otoscope: \(message)") }

  /// A line that is neither result nor error.
  static func note(_ line: String) { usage(line.onOneLine) }

  /// What is wrong with a sound that was read all the same.
  static func note(_ flaws: [Flaw], of sound: String) {
    for flaw in flaws {
      let remedy = flaw.kind == .cancelling ? ", with --channel left or --channel right" : ""
      note("\(sound == "-" ? "standard input" : sound): \(flaw)\(remedy)")
    }
  }

  /// Text of several lines about how the command is meant.
  static func usage(_ text: String) {
    clearProgress()
    _ = write(text + "\n", to: STDERR_FILENO)
  }

  /// A result, a line of its own.
  ///
  /// - Throws: `OutputClosed` where nobody reads on (`| head -1`), `OutputFailed` where the line cannot be written.
  static func result(_ line: String) throws {
    clearProgress()
    switch write(line.onOneLine + "\n", to: STDOUT_FILENO) {
    case 0: return
    case EPIPE: throw OutputClosed()
    case let number: throw OutputFailed(reason: String(cString: strerror(number)))
    }
  }

  /// Writes all of `text`; returns 0, or the system's number of what went wrong.
  fileprivate static func write(_ text: String, to descriptor: Int32) -> Int32 {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return errno }
      bytes = bytes.dropFirst(count)
    }
    return 0
  }

  fileprivate static func clearProgress() {
    if isInteractive { _ = write("\r\u{1B}[K", to: STDERR_FILENO) }
  }

  /// Seconds on a clock that only goes forward.
  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// Whoever read the results has closed the pipe: there is nothing more to say, and nothing wrong.
struct OutputClosed: Error {}

/// Results are lost.
struct OutputFailed: Error, CustomStringConvertible {
  let reason: String
  var description: String { "standard output cannot be written: \(reason); send the results elsewhere" }
}

/// A progress line on the terminal: shown after a second, with the time left once ten seconds are foreseen.
///
/// Sendable though it remembers what was shown last: the commands call it from one thread at a time.
final class Progress: @unchecked Sendable {
  private let title: String
  private let start = Terminal.now()
  private var shown = -1.0

  /// For the run whose progress is shown.
  private(set) lazy var control = RunControl { [weak self] in self?.update($0.share, $0.what) }

  init(_ title: String) { self.title = title.onOneLine }

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
    let words = detail.isEmpty ? "" : " " + detail
    _ = Terminal.write("\r\u{1B}[K\(title) [\(bar)] \(percent) %\(words)\(left)", to: STDERR_FILENO)
  }

  func finish() { Terminal.clearProgress() }

  private static func clock(_ seconds: Double) -> String {
    let seconds = Int(seconds.rounded(.up))
    return seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
  }
}

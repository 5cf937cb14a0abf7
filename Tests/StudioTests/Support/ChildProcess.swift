import Foundation
import Glibc

/// A program that runs beside the tests and ends with them.
///
/// Sendable because only its number is kept, and waiting for it is done once, at the end.
final class ChildProcess: @unchecked Sendable {
  let identifier: pid_t
  /// Where what it prints goes.
  let outputPath: String
  private var hasEnded = false

  /// - Parameter outputPath: gets standard output and errors.
  init(_ arguments: [String], outputPath: String, setting: [String: String] = [:]) throws {
    self.outputPath = outputPath
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own, so that what it starts ends with it; signals as a terminal gives them.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var environment = ProcessInfo.processInfo.environment
    environment["GOMP_SPINCOUNT"] = "1000"
    for (name, value) in setting { environment[name] = value }
    var words = arguments.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var identifier = pid_t()
    let status = posix_spawnp(&identifier, arguments[0], &actions, &attributes, &words, &variables)
    guard status == 0 else {
      throw ChildFailure("\(arguments[0]) cannot be started: \(String(cString: strerror(status)))")
    }
    self.identifier = identifier
  }

  deinit { end() }

  /// What it has printed so far.
  var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

  /// Whether it still runs.
  var isRunning: Bool {
    var status: Int32 = 0
    if hasEnded { return false }
    if waitpid(identifier, &status, WNOHANG) == identifier { hasEnded = true }
    return !hasEnded
  }

  /// Waits until it has printed what `find` finds.
  func wait<Value>(for what: String, within seconds: Double = 60, _ find: (String) -> Value?) throws -> Value
  {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
      if let found = find(output) { return found }
      guard isRunning else { throw ChildFailure("it ended before \(what): \(output)") }
      usleep(20_000)
    }
    throw ChildFailure("no \(what) within \(seconds) s: \(output)")
  }

  /// Memory that it holds, in bytes.
  var residentBytes: Int {
    let text = (try? String(contentsOfFile: "/proc/\(identifier)/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Ends it and all that it started, at once.
  func end() {
    guard !hasEnded else { return }
    kill(-identifier, SIGKILL)
    var status: Int32 = 0
    waitpid(identifier, &status, 0)
    hasEnded = true
  }
}

/// Why something beside the tests does not do what they need, in words.
struct ChildFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

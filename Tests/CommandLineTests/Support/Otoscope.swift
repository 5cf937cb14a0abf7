import Foundation
import Glibc
import Synchronization

/// The built command, run as a user runs it: a process of its own.
enum Otoscope {
  /// How a run ended.
  struct Outcome {
    /// The exit status; a signal's number with a minus where one ended the process.
    let status: Int32
    let output: String
    let errors: String
    let seconds: Double
    /// The most memory the process held, in bytes.
    let peakMemory: Int

    /// What was printed, line by line; what follows the last newline counts as one if there is anything.
    var lines: [String] { Self.lines(output) }
    var errorLines: [String] { Self.lines(errors) }

    private static func lines(_ text: String) -> [String] {
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if lines.last == "" { lines.removeLast() }
      return lines
    }
  }

  /// Where standard output goes.
  enum Output {
    case captured
    /// A pipe that nobody reads any more.
    case closedPipe
    case file(String)
  }

  /// The binary that was built together with these tests.
  static let path: String = {
    let beside = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("otoscope").path
    return access(beside, X_OK) == 0 ? beside : "\(root)/.build/release/otoscope"
  }()

  /// The checkout.
  static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

  static func sound(_ name: String) -> String { "\(root)/Data/sounds/\(name)" }

  /// Runs the command to its end.
  ///
  /// - Parameter stdin: bytes that come through a pipe; nil for an empty standard input.
  static func run(
    _ arguments: [String], stdin: [UInt8]? = nil, output: Output = .captured, in folder: String,
    timeout: Double = 60
  ) throws -> Outcome {
    try start(arguments.map { Array($0.utf8) }, stdin: stdin, output: output, in: folder).finish(
      within: timeout)
  }

  static func run(_ arguments: String..., in folder: String) throws -> Outcome {
    try run(arguments, in: folder)
  }

  /// The shell's way to begin elsewhere: it becomes the command.
  private static let inFolder = ["sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh"]

  /// Held while pipes are made and handed on, so that no process inherits another's.
  private static let starting = Mutex(())

  /// Starts the command; whoever calls must `finish` it. Arguments are bytes, as they are in a file's name.
  ///
  /// - Parameter setting: variables of its environment.
  static func start(
    _ arguments: [[UInt8]], stdin: [UInt8]? = nil, output: Output = .captured, in folder: String,
    setting: [String: String] = [:]
  ) throws -> Running {
    try starting.withLock { _ in
      try startAlone(arguments, stdin: stdin, output: output, in: folder, setting: setting)
    }
  }

  private static func startAlone(
    _ arguments: [[UInt8]], stdin: [UInt8]?, output: Output, in folder: String, setting: [String: String]
  ) throws -> Running {
    let errorFile = try temporaryFile()
    let outputFile: Int32
    switch output {
    case .captured: outputFile = try temporaryFile()
    case .file(let path): outputFile = open(path, O_WRONLY | O_CLOEXEC)
    case .closedPipe:
      var ends: [Int32] = [0, 0]
      try openPipe(&ends)
      close(ends[0])
      outputFile = ends[1]
    }
    var input: [Int32] = [open("/dev/null", O_RDONLY | O_CLOEXEC), -1]
    if stdin != nil {
      close(input[0])
      try openPipe(&input)
    }
    defer { close(input[0]) }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input[0], 0)
    posix_spawn_file_actions_adddup2(&actions, outputFile, 1)
    posix_spawn_file_actions_adddup2(&actions, errorFile, 2)

    // Signals as a terminal gives them, whatever the tests run under.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    // Tests run side by side; threads that wait for work should not keep the others from theirs.
    let environment = ProcessInfo.processInfo.environment
      .merging(["OMP_WAIT_POLICY": "passive"]) { $1 }.merging(setting) { $1 }.map {
        Array("\($0)=\($1)".utf8)
      }
    var process = pid_t()
    let began = now()
    let status = withCStrings((inFolder + [folder, path]).map { Array($0.utf8) } + arguments) { arguments in
      withCStrings(environment) { environment in
        posix_spawn(&process, "/bin/sh", &actions, &attributes, arguments, environment)
      }
    }
    guard status == 0 else { throw Failure("cannot start \(path): \(String(cString: strerror(status)))") }
    if let stdin { feed(stdin, to: input[1]) }
    return Running(process: process, output: outputFile, errors: errorFile, began: began)
  }

  /// A run that goes on.
  final class Running {
    private let process: pid_t
    private let output: Int32
    private let errors: Int32
    private let began: Double
    private let hasEnded = Mutex(false)

    fileprivate init(process: pid_t, output: Int32, errors: Int32, began: Double) {
      self.process = process
      self.output = output
      self.errors = errors
      self.began = began
    }

    /// A test that fails half-way leaves nothing behind: exit tests wait for every child of this process.
    deinit {
      if !hasEnded.withLock({ $0 }) {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
      }
      close(output)
      close(errors)
    }

    func send(_ signal: Int32) { kill(process, signal) }

    /// Waits until `condition` holds for what was printed so far.
    func wait(within timeout: Double = 30, until condition: (_ output: String) -> Bool) throws {
      let deadline = now() + timeout
      while !condition(text(of: output)) {
        guard now() < deadline else {
          kill(process, SIGKILL)
          throw Failure(
            "nothing of the kind within \(timeout) s; so far: \(text(of: output)) \(text(of: errors))")
        }
        usleep(5000)
      }
    }

    func finish(within timeout: Double) throws -> Outcome {
      var status: Int32 = 0
      var peakMemory = 0
      let deadline = now() + timeout
      while waitpid(process, &status, WNOHANG) == 0 {
        peakMemory = max(peakMemory, self.peakMemory)
        guard now() < deadline else {
          kill(process, SIGKILL)
          waitpid(process, &status, 0)
          hasEnded.withLock { $0 = true }
          throw Failure("did not end within \(timeout) s: \(text(of: errors))")
        }
        usleep(2000)
      }
      hasEnded.withLock { $0 = true }
      let signal = status & 0x7f
      return Outcome(
        status: signal == 0 ? status >> 8 & 0xff : -signal, output: text(of: output),
        errors: text(of: errors),
        seconds: now() - began, peakMemory: peakMemory)
    }

    /// The most memory held so far, in bytes; 0 until the process runs a program of its own.
    ///
    /// Until then it shares the memory of these tests, and the system reports their peak for it: `posix_spawn` returns
    /// before the new program has replaced it, later by milliseconds while other tests map memory. (`wait4` adds the
    /// shared time to the peak as well, so it cannot be used here.)
    private var peakMemory: Int {
      guard let program = programPath(ofProcess: "\(process)"), program != programPath(ofProcess: "self")
      else {
        return 0
      }
      let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      return (line?.split(separator: " ").dropFirst().first).flatMap { Int($0) }.map { $0 * 1024 } ?? 0
    }
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
}

/// The path of the program that a process runs; nil after its end.
private func programPath(ofProcess process: String) -> String? {
  try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/exe")
}

/// Seconds on a clock that only goes forward.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// An open file without a name.
private func temporaryFile() throws -> Int32 {
  let descriptor = open("/tmp", O_RDWR | unnamedFile | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else { throw Otoscope.Failure("no temporary file: \(errno)") }
  return descriptor
}

/// A pipe that no other program inherits.
private func openPipe(_ ends: inout [Int32]) throws {
  guard pipe(&ends) == 0 else { throw Otoscope.Failure("pipe: \(errno)") }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
}

/// `O_TMPFILE`, a macro that Swift does not see.
private let unnamedFile: Int32 = 0o20000000 | O_DIRECTORY

/// All that the file holds, wherever its offset is.
private func text(of descriptor: Int32) -> String {
  var bytes = [UInt8]()
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = pread(descriptor, &buffer, buffer.count, off_t(bytes.count))
    guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
    bytes += buffer[..<count]
  }
}

/// Writes `bytes` into a pipe and closes it, beside everything else.
private func feed(_ bytes: [UInt8], to descriptor: Int32) {
  signal(SIGPIPE, SIG_IGN)
  Thread.detachNewThread {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    close(descriptor)
  }
}

/// `body` with a null-terminated array of C strings.
private func withCStrings<Result>(
  _ strings: [[UInt8]], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let pointers = strings.map { strdup(($0 + [0]).map { CChar(bitPattern: $0) }) }
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers + [nil])
}

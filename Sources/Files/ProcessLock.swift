import Glibc

/// The right to change what a folder holds: one holder at a time. The system takes it back when the process ends, however it
/// ends.
package struct ProcessLock: ~Copyable {
  package enum Failure: Error {
    /// Somebody has it: the process of that number, where it wrote it down.
    case held(by: Int?)
    /// What the system says, an `errno`.
    case system(Int32)
  }

  private let descriptor: Int32

  /// Takes the lock that the file at `path` stands for, and makes that file where it is missing; does not wait.
  package init(at path: String) throws(Failure) {
    // Kept only with the lock: a throw behind the last stored property would run `deinit`, and close it twice.
    let opened = path.withPath { open($0, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
    guard opened >= 0 else { throw .system(errno) }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      let holder = Self.holder(opened)
      close(opened)
      throw number == EWOULDBLOCK ? .held(by: holder) : .system(number)
    }
    descriptor = opened
    // For whoever finds it locked; a full disk does not matter here.
    ftruncate(descriptor, 0)
    let digits = Array("\(getpid())\n".utf8)
    _ = digits.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  deinit {
    ftruncate(descriptor, 0)
    close(descriptor)
  }

  private static func holder(_ descriptor: Int32) -> Int? {
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return Int(String(decoding: bytes.prefix(max(0, count)).prefix { $0 != 10 }, as: UTF8.self))
  }
}

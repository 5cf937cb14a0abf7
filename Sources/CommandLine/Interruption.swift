import Files
import Glibc

/// Ctrl-C: takes half-written files away, says so, and leaves with status 130. Whole files stay.
enum Interruption {
  /// Ctrl-C, `kill`, and a terminal that is closed; less what whoever started this process has it ignore, as `nohup`
  /// does.
  private static func watched() -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var present = sigaction()
      let isIgnored =
        sigaction(number, nil, &present) == 0
        && unsafeBitCast(present.__sigaction_handler.sa_handler, to: Int.self)
          == unsafeBitCast(SIG_IGN, to: Int.self)
      if !isIgnored { sigaddset(&signals, number) }
    }
    return signals
  }

  /// Blocks the signals everywhere and waits for them in a thread of its own, where files and locks may be touched.
  /// Must be called before any other thread starts.
  static func watch() {
    signal(SIGPIPE, SIG_IGN)
    var signals = watched()
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        // A signal that is ignored stays so, and never comes.
        var signals = Interruption.watched()
        var received: Int32 = 0
        sigwait(&signals, &received)
        PartialFiles.discard {
          Terminal.error("interrupted; files already finished are whole and kept")
          _exit(130)
        }
      }, nil)
  }
}

import Files
import Glibc

/// Ctrl-C: takes half-written files away, says so, and leaves with status 130. Whole files stay.
enum Interruption {
  /// Blocks SIGINT and SIGTERM everywhere and waits for them in a thread of its own, where files and locks may be
  /// touched. Must be called before any other thread starts.
  static func watch() {
    signal(SIGPIPE, SIG_IGN)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        var received: Int32 = 0
        sigwait(&signals, &received)
        PartialFiles.discard()
        Terminal.error("otoscope: interrupted; files already finished are whole and kept")
        _exit(130)
      }, nil)
  }
}

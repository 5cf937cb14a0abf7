import ArgumentParser
import Dispatch
import Files
import Glibc
import Jobs
import Studio

/// `serve`: the studio in a browser.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Open the studio: see and hear what a network hears, in a browser.",
    discussion: """
      Prints the address, and serves a page on this machine until Ctrl-C: drop a sound, see why the model heard what it heard, \
      play it, change it with a brush, look inside the layers, browse a catalogue. What visitors bring is kept in a folder of \
      the user's; a restart loses nothing.

      EXAMPLES:
        otoscope serve --open
        otoscope serve --port 9000 --model my-network.onnx
        otoscope serve birds.catalogue --data-set recordings/
        otoscope serve --host 0.0.0.0 --token "$(openssl rand -hex 16)"
      """)

  @Argument(help: "Catalogues to browse, made by 'otoscope index'.")
  var catalogues: [String] = []
  @OptionGroup var network: NetworkOptions
  @Option(help: "The model that sounds are first shown with: a bundled name, or an ONNX file.")
  var model = "yamnet"
  @Option(help: "The port; 0 for any that is free.")
  var port = StudioSettings.defaultPort
  @Option(help: "The address to listen on. Any but this machine's own asks for --token.")
  var host = "127.0.0.1"
  @Option(help: "What visitors have to show, at least 16 characters.")
  var token: String?
  @Option(help: "Where clips, models and jobs are kept (default: a folder of the user's).")
  var data: String?
  @Option(
    help:
      "A folder or a table of labelled sounds that networks can be trained with; may be given several times.")
  var dataSet: [String] = []
  @Flag(help: "Open the page in the default browser.")
  var open = false

  func validate() throws {
    guard (0...65535).contains(port) else { throw ValidationError("--port \(port): give 0 to 65535") }
  }

  func run() throws {
    guard let folder = data ?? UserFolder.data("otoscope").map({ Folder.path(to: "studio", in: $0) }) else {
      throw Misuse("there is no folder of the user's to keep clips in: name one with --data")
    }
    var settings = StudioSettings(folder: folder)
    (settings.host, settings.port, settings.token) = (host, port, token)
    (settings.catalogues, settings.dataSets, settings.model) = (catalogues, dataSet, model)
    settings.pageFolder = getenv("OTOSCOPE_PAGE").map { String(cString: $0) }
    let studio = try Studio(settings, in: network.workspace)
    if !settings.isLocal {
      Terminal.note(
        "the studio can be reached from other machines, and what is sent is not encrypted: put a proxy with TLS before it, "
          + "or tunnel it through ssh")
    }
    let opens = open
    let outcome = Outcome()
    Task {
      do {
        try await studio.run { address in
          try? Terminal.result(address)
          if opens { Self.open(address) }
        }
        outcome.end(nil)
      } catch { outcome.end(error) }
    }
    if let error = outcome.wait() { throw error }
  }

  /// By whatever the desktop opens addresses with.
  private static func open(_ address: String) {
    guard let program = strdup("xdg-open"), let argument = strdup(address) else { return }
    defer {
      free(program)
      free(argument)
    }
    var child = pid_t()
    if posix_spawnp(&child, "xdg-open", nil, nil, [program, argument, nil], environ) != 0 {
      Terminal.note("no browser could be opened; open \(address)")
    }
  }
}

/// How the server ended, for the thread that waits.
///
/// Sendable because the semaphore orders the one write before the one read.
private final class Outcome: @unchecked Sendable {
  private let ended = DispatchSemaphore(value: 0)
  private var error: (any Error)?

  func end(_ error: (any Error)?) {
    self.error = error
    ended.signal()
  }

  func wait() -> (any Error)? {
    ended.wait()
    return error
  }
}

package import Files

/// How a studio is set up: what it may use, whom it lets in, and what it offers.
package struct StudioSettings: Sendable {
  /// The address to listen on.
  package var host = "127.0.0.1"
  /// 0 for any that is free.
  package var port = StudioSettings.defaultPort
  /// What visitors have to show; nil for none, which is for this machine alone.
  package var token: String?
  /// Where clips, models, jobs and the database are kept.
  package var folder: String
  /// Folders of catalogues.
  package var catalogues: [String] = []
  /// Folders or tables of labelled sounds to train with.
  package var dataSets: [String] = []
  /// The model that sounds are first shown with.
  package var model = "yamnet"
  /// Where the page's files are read from instead of the binary; for working on them.
  package var pageFolder: String?
  package var limits = Limits()

  package static let defaultPort = 8765

  package init(folder: String) { self.folder = folder }

  /// What a visitor may bring.
  package struct Limits: Sendable, Codable {
    /// Of a sound file.
    package var uploadBytes = 200 << 20
    /// Of an ONNX file.
    package var modelBytes = 1 << 30
    /// Of a request that is no file.
    package var jsonBytes = 1 << 20
    /// How much of a sound is kept as a clip.
    package var clipSeconds = 120.0
    /// Samples of a clip, of all channels: 256 MB.
    package var clipSamples = 64 << 20
    /// Requests that wait to be computed.
    package var waiting = 64
    /// Open connections.
    package var connections = 512
  }

  /// Whether only this machine can reach the address.
  package var isLocal: Bool { ["127.0.0.1", "localhost", "::1"].contains(host) }

  /// - Throws: `Misuse` where others could reach the studio without a token.
  package func check() throws(Misuse) {
    guard isLocal || token != nil else {
      throw Misuse(
        "--host \(host) lets other machines in: give a --token that visitors have to show, at least 16 characters long"
      )
    }
    if let token {
      guard token.utf8.count >= 16,
        token.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 59 && $0 != 44 && $0 != 34 })
      else {
        throw Misuse(
          "--token: give at least 16 printable characters without spaces, quotes, commas or semicolons")
      }
    }
  }
}

import Audio
import Explain
import Files
import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Jobs
import Logging
import Models
import NIOCore
import Synchronization
import Tensors

/// The studio: a web server on this machine that shows, and lets hear, what a network hears in a sound.
///
/// ```swift
/// let studio = try Studio(settings, in: Workspace())
/// try await studio.run { address in print(address) }
/// ```
package final class Studio: Sendable {
  package let settings: StudioSettings
  let workspace: Workspace
  let store: StudioStore
  /// What somebody waits for.
  let queue: ComputeQueue
  /// For maps of catalogues, which take seconds.
  let maps = ComputeQueue(most: 32, niceness: 5)
  /// For sounds that are only read.
  let readers = ComputeQueue(most: 64)
  /// What may take its time.
  let jobs: JobBoard
  /// Answers, by the request.
  let replies = ByteCache<Reply>(bytes: 96 << 20)
  /// Clips and what models heard in them.
  let heard = ByteCache<HeardClip>(bytes: 192 << 20)
  let explanations = ByteCache<ShownExplanation>(bytes: 64 << 20)
  let edits = ByteCache<ClipEdit>(bytes: 64 << 20)
  let layers = ByteCache<ClipLayer>(bytes: 128 << 20)
  /// What is told of models, by their ids and states.
  let modelRecords = ByteCache<ModelRecord>(bytes: 8 << 20)
  /// Catalogues by their folders.
  let openCatalogues = Mutex<[String: BrowsedCatalogue]>([:])
  /// Of models' files, by path and state.
  let contentHashes = ByteCache<ContentHash>(bytes: 256)
  /// The id of the model that sounds are first shown with.
  let defaultModel: String
  let page: PageFiles
  private let boundPort = Mutex(0)

  /// - Throws: `Misuse`, `FileError`, `ModelError`; a database error.
  package init(_ settings: StudioSettings, in workspace: Workspace) throws {
    try settings.check()
    (self.settings, self.workspace) = (settings, workspace)
    _ = try BundledData.modelPath(settings.model)
    defaultModel =
      BundledData.modelNames.contains(settings.model) ? settings.model : "own-\(Self.hash(settings.model))"
    store = try StudioStore(settings.folder)
    queue = ComputeQueue(most: settings.limits.waiting)
    jobs = try JobBoard(store)
    page = PageFiles(folder: settings.pageFolder)
  }

  /// The port that the studio listens on, once it does.
  package var port: Int { boundPort.withLock { $0 } }

  /// Serves until the task is cancelled.
  ///
  /// - Parameter ready: told the address to open.
  /// - Throws: where the address cannot be listened on.
  package func run(ready: @escaping @Sendable (String) -> Void) async throws {
    var logger = Logger(label: "otoscope.studio")
    logger.logLevel = .critical
    let host = settings.host
    let app = Application(
      router: router,
      server: .http1(configuration: .init(idleTimeout: .seconds(120))),
      configuration: .init(
        address: .hostname(host, port: settings.port), serverName: nil,
        availableConnectionsDelegate: MaximumAvailableConnections(settings.limits.connections)),
      onServerRunning: { [self] channel in
        let port = channel.localAddress?.port ?? settings.port
        boundPort.withLock { $0 = port }
        jobs.begin(for: self)
        let name = host.contains(":") ? "[\(host)]" : host == "0.0.0.0" ? "127.0.0.1" : host
        ready("http://\(name):\(port)/" + (settings.token.map { "?token=\($0)" } ?? ""))
      }, logger: logger)
    do {
      try await app.run()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw Misuse("port \(settings.port) is taken: name another one with --port, or 0 for any that is free")
    } catch let error as IOError where error.errnoCode == EACCES || error.errnoCode == EADDRNOTAVAIL {
      throw Misuse("\(host):\(settings.port) cannot be listened on: \(error)")
    }
  }

  /// All that the studio answers, as `GET /api/v1/clips/{id}`.
  package var routes: [String] {
    router.routes.map { route in
      let parts = "\(route.path)".split(separator: "/").map { part in
        part == "**" ? "{name}" : part.hasPrefix(":") ? "{\(part.dropFirst())}" : String(part)
      }
      return "\(route.method.rawValue) /\(parts.joined(separator: "/"))"
    }
  }

  private var router: Router<StudioContext> {
    let router = Router(context: StudioContext.self)
    router.middlewares.add(Gate(settings: settings, port: { [self] in port }))
    addPageRoutes(to: router)
    let api = router.group("api/v1")
    addFrontRoutes(to: api)
    addClipRoutes(to: api)
    addExplanationRoutes(to: api)
    addEditRoutes(to: api)
    addModelRoutes(to: api)
    addLayerRoutes(to: api)
    addCatalogueRoutes(to: api)
    addJobRoutes(to: api)
    return router
  }
}

/// What a request carries with it.
struct StudioContext: RequestContext {
  var coreContext: CoreRequestContextStorage

  init(source: Source) { coreContext = .init(source: source) }
}

typealias StudioRoutes = RouterGroup<StudioContext>

extension Studio {
  // MARK: - What requests are about

  /// A short name for a text, for tags and ids.
  static func hash(_ text: String) -> String {
    var hash = FNV1a()
    for byte in text.utf8 { hash.add(UInt64(byte)) }
    return String(hash.fingerprint, radix: 36)
  }

  /// A clip, heard by a model; from the cache where it is there. To be called on the queue's thread.
  func heard(_ clip: StoredClip, by id: String) throws -> HeardClip {
    let name = "\(clip.id)/\(try version(ofModel: id))"
    if let known = heard.value(name) { return known }
    let found = try HeardClip(try read(clip), by: model(id))
    heard.keep(found, bytes: found.byteCount, as: name)
    return found
  }

  /// The sound of a clip.
  func read(_ stored: StoredClip) throws -> Clip {
    let path = store.path("clips", stored.content)
    do {
      var clip = try Clip(reading: path, start: stored.start, duration: stored.duration)
      (clip.name, clip.path, clip.stem) = (stored.name, stored.name, Clip.stem(of: stored.name))
      return clip
    } catch {
      throw StudioFailure(error, about: (path, stored.name))
    }
  }

  // MARK: - Answers

  /// The answer to a request whose address says all that decides it: from the cache, or computed when its turn comes.
  ///
  /// - Parameters:
  ///   - version: of all that the address does not say: the model's description.
  ///   - line: where it is computed; nil for the queue of what somebody waits for.
  func answer(
    _ request: Request, version: String, on line: ComputeQueue? = nil,
    _ work: @escaping @Sendable (RunControl) throws -> Reply
  ) async throws -> Response {
    let name = "\(request.uri.path)?\(request.canonicalQuery)#\(version)"
    let tag = Self.hash(name)
    if request.headers[.ifNoneMatch] == "\"\(tag)\"" { return Response(status: .notModified) }
    if let known = replies.value(name) { return known.response(tag: tag) }
    let reply = try await whileConnected(request) { [self] in
      try await (line ?? queue).run { [self] control in
        if let known = replies.value(name) { return known }
        let reply = try work(control)
        replies.keep(reply, bytes: reply.bytes.count, as: name)
        return reply
      }
    }
    // Who listens for the other side's leaving cannot take another request from it.
    var response = reply.response(tag: tag)
    response.headers[.connection] = "close"
    return response
  }

  /// Gives up when whoever asked has gone.
  func whileConnected<Value: Sendable>(
    _ request: Request, _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await request.body.consumeWithCancellationOnInboundClose { _ in try await work() }
  }
}

extension HeardClip {
  /// What it holds in memory, about.
  var byteCount: Int {
    4
      * (clip.recording.frames * clip.recording.channels.count + listening.logMel.count + 2
        * listening.logits.count)
      + 4096
  }
}

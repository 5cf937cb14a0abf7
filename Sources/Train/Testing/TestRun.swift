import Audio
public import Explain
import Files
import Graphs
public import Models
public import Tensors

/// Lets a model hear clips of a data set, and keeps what it says of each: the mean of its scores over the clip's patches, as
/// `classify` tells them.
///
/// Threads read sounds and make patches; the caller's thread puts the patches of several clips together and runs the network
/// on all of them at once. Every run has the same number of rows, the last one filled up with copies, so that answers do not
/// depend on which clips stand beside each other. Networks whose patches hang together (a state, patches of any length) hear
/// clip by clip.
public struct TestRun: Sendable {
  /// What is done to a clip's samples (mono, at the model's rate) before the model hears them.
  public typealias Change = @Sendable (_ samples: [Float]) throws -> [Float]

  public let model: AudioModel
  public let data: DataSet
  public let match: ClassMatch
  private let change: Change?

  /// - Throws: `TestingError` where the model's classes are not the data set's.
  public init(_ model: AudioModel, on data: DataSet, change: Change? = nil) throws(TestingError) {
    match = try ClassMatch(model, of: data)
    (self.model, self.data, self.change) = (model.onWholeNetwork, data, change)
  }

  public struct Result: Sendable {
    public var answers: Answers
    /// Clips that could not be heard; the others were.
    public var failures: [Failure]
    /// What the scores are.
    public var meaning: ScoreMeaning?
    /// Heard sound, in seconds.
    public var sound: Double
    /// Of the clock.
    public var seconds: Double
  }

  public struct Failure: Sendable, Hashable {
    /// Among the data set's clips.
    public let place: Int
    public let path: String
    public let reason: String
  }

  /// Values that wait for the network: a quarter of a gigabyte.
  private static let mostWaiting = 1 << 26

  /// - Parameters:
  ///   - places: among the data set's clips.
  ///   - threads: that read sounds.
  /// - Throws: `Cancelled`; `TestingError.nothingReadable`; what the network throws.
  public func run(
    _ places: [Int], threads: Int = ComputeThreads.count, control: RunControl = RunControl()
  ) throws -> Result {
    let begun = clockSeconds()
    let queue = InOrder<Piece>(
      count: places.count, ahead: 32 + threads, mostWeight: Self.mostWaiting, weight: \.count)
    let workers = (0..<min(max(1, threads), places.count)).map { _ in
      WorkerThread {
        while let number = queue.next() { _ = queue.add(piece(of: places[number]), to: number) }
      }
    }
    defer {
      queue.stop()
      for worker in workers { worker.join() }
    }
    guard workers.isEmpty || workers.contains(where: \.isRunning) else {
      throw FileError.unwritable(path: "a thread", reason: "the system gives no threads")
    }
    var session = Session(self)
    for (number, place) in places.enumerated() {
      try session.take(queue.take(), place)
      queue.advance()
      try control.report(number + 1, of: places.count, Folder.name(of: data.clips[place].path))
    }
    try session.end()
    guard !session.answers.isEmpty || places.isEmpty else {
      throw TestingError.nothingReadable(
        data: data.name, count: places.count, first: session.failures.first?.reason ?? "")
    }
    return Result(
      answers: Answers(
        classes: data.classes, clips: session.answers.sorted { $0.place < $1.place },
        isMultiLabel: data.isMultiLabel, isProbability: session.meaning?.isProbability ?? true,
        isKnown: match.outputs.map { $0 != nil }),
      failures: session.failures, meaning: session.meaning, sound: session.sound,
      seconds: clockSeconds() - begun)
  }

  /// Whether what is said of a patch hangs on nothing else.
  private var hearsPatches: Bool { !model.isStateful && !model.frontEnd.patch.isFree }

  /// What a thread makes of a clip.
  private enum Piece: Sendable {
    case patches(Tensor, seconds: Double)
    case samples([Float], seconds: Double)
    case failed(String)

    var count: Int {
      switch self {
      case .patches(let patches, _): patches.count
      case .samples(let samples, _): samples.count
      case .failed: 0
      }
    }
  }

  private func piece(of place: Int) -> Piece {
    do {
      var samples = try model.samples(of: data.clips[place].recording())
      if let change { samples = try change(samples) }
      let seconds = model.duration(of: samples)
      guard hearsPatches else { return .samples(samples, seconds: seconds) }
      return .patches(model.patches(of: try model.picture(of: samples)), seconds: seconds)
    } catch { return .failed("\(error)") }
  }
}

extension TestRun {
  /// Patches between the threads that make them and the network.
  private struct Session {
    let run: TestRun
    var answers: [Answers.Clip] = []
    var failures: [Failure] = []
    var meaning: ScoreMeaning?
    var sound = 0.0
    private var rows: [Tensor] = []
    /// The clip that each waiting patch is of.
    private var owners: [Int] = []
    private var open: [Int: Sum] = [:]
    /// Of networks that take clips of any length.
    private var fitted: [Int: AudioModel] = [:]

    /// Of the scores of a clip's moments.
    private struct Sum {
      var waiting: Int
      var moments = 0
      var scores: [Double]
    }

    /// Rows of one run: so many for each thread.
    private var rowsPerRun: Int { 8 * min(8, max(2, run.model.network.threads)) }

    init(_ run: TestRun) { self.run = run }

    mutating func take(_ piece: Piece, _ place: Int) throws {
      switch piece {
      case .failed(let reason):
        failures.append(Failure(place: place, path: run.data.clips[place].path, reason: reason))
      case .samples(let samples, let seconds):
        sound += seconds
        let listening = try model(forSamples: samples.count).listen(to: samples)
        meaning = meaning ?? listening.meaning
        keep(listening.clipScores, place)
      case .patches(let patches, let seconds):
        sound += seconds
        rows.append(patches)
        owners += [Int](repeating: place, count: patches.shape[0])
        open[place] = Sum(
          waiting: patches.shape[0], scores: [Double](repeating: 0, count: run.model.classCount))
        while owners.count >= rowsPerRun { try hear(rowsPerRun) }
      }
    }

    mutating func end() throws { if !owners.isEmpty { try hear(owners.count) } }

    private mutating func model(forSamples count: Int) throws -> AudioModel {
      if let known = fitted[count] { return known }
      let model = try run.model.fitted(toSamples: count).onWholeNetwork
      if fitted.count >= 16 { fitted = [:] }
      fitted[count] = model
      return model
    }

    /// Runs the network on the first `count` patches.
    private mutating func hear(_ count: Int) throws {
      let joined = rows.count == 1 ? rows[0] : Tensor(joining: rows)
      rows = count < joined.shape[0] ? [joined.rows(count..<joined.shape[0])] : []
      var patches = joined.rows(0..<count)
      if count < rowsPerRun {
        let last = patches.rows(count - 1..<count)
        patches = Tensor(joining: [patches] + (count..<rowsPerRun).map { _ in last })
      }
      let scores = try run.model.scores(ofPatches: patches)
      let moments = scores.shape[0] / patches.shape[0]
      let classes = scores.shape[1]
      meaning = meaning ?? run.model.meaning(of: scores.rows(0..<count * moments))
      scores.withUnsafeValues { values in
        for (row, owner) in owners.prefix(count).enumerated() {
          for place in row * moments * classes..<(row + 1) * moments * classes {
            open[owner]?.scores[place % classes] += Double(values[place])
          }
          open[owner]?.moments += moments
          open[owner]?.waiting -= 1
        }
      }
      let finished = Set(owners.prefix(count))
      owners.removeFirst(count)
      for place in finished.sorted() where open[place]?.waiting == 0 {
        guard let sum = open.removeValue(forKey: place) else { continue }
        keep(sum.scores.map { Float($0 / Double(max(1, sum.moments))) }, place)
      }
    }

    private mutating func keep(_ scores: [Float], _ place: Int) {
      let clip = run.data.clips[place]
      guard scores.allSatisfy(\.isFinite) else {
        failures.append(
          Failure(place: place, path: clip.path, reason: "the network gives values that are no numbers"))
        return
      }
      answers.append(
        Answers.Clip(
          place: place, truth: clip.classes, scores: run.match.outputs.map { $0.map { scores[$0] } ?? 0 },
          group: clip.group, fold: clip.fold))
    }
  }
}

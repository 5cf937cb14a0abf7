public import Explain
import Files
import Synchronization
public import Tensors

/// What is wrong with a data set, or may be, before a network is trained on it.
///
/// Every clip is decoded once, on all threads. See ``Finding/Kind`` for what is looked for.
public struct DataSetCheck: Sendable {
  public struct Finding: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
      /// Files that cannot be read, or that are not there.
      case unreadable
      /// Files that could be read, with something lost or repaired.
      case damaged
      /// Clips whose channels cancel each other when they are mixed.
      case cancelling
      /// Clips that nobody could hear: nowhere above −60 dB of full scale.
      case silent
      /// Clips of which at least a thousandth is cut off at full scale.
      case clipped
      /// Clips that are shorter than wanted.
      case short
      /// The same sound more than once.
      case copies
      /// The same sound, of different classes.
      case contradiction
      /// Most likely one recording, in two versions.
      case near
      /// The same sound on two sides of the split.
      case leakedCopy = "leaked-copy"
      /// Clips of one group on two sides of the split.
      case leakedGroup = "leaked-group"
      /// Most likely one recording, on two sides of the split.
      case leakedNear = "leaked-near"
      /// The clips cannot be shared out as wanted.
      case split
      /// What should be known of the split.
      case sides
      /// A single class: there is nothing to tell apart.
      case oneClass = "one-class"
      /// Classes of which all clips are of one group.
      case oneGroup = "one-group"
      /// Classes with ten times the clips of others.
      case uneven
      /// The form of a file tells its class.
      case telltale
    }

    /// An error spoils training or testing; a warning should be known.
    public enum Severity: String, Sendable, Codable {
      case error
      case warning
    }

    public var kind: Kind
    public var severity: Severity
    /// The clips that are meant, as places in the set; empty where it is about the whole.
    public var clips: [Int]
    /// What, where, and what to do.
    public var message: String
  }

  public let set: DataSet
  /// Nil where the clips cannot be shared out; ``findings`` say why.
  public let split: Split?
  /// For each clip; nil for those that cannot be read.
  public let measures: [ClipMeasure?]
  /// Errors first.
  public let findings: [Finding]

  /// Whether nothing was found that would spoil training.
  public var isSound: Bool { !findings.contains { $0.severity == .error } }

  /// - Parameters:
  ///   - rule: how clips are to be shared out.
  ///   - shortest: clips that are shorter are told, in seconds.
  /// - Throws: `Cancelled`.
  public init(
    of set: DataSet, split rule: SplitRule, shortest: Double = 0.1, threads: Int = ComputeThreads.count,
    control: RunControl = RunControl()
  ) throws(Cancelled) {
    self.set = set
    let read = try Self.measure(
      set.clips, threads: threads, control: control.part(from: 0, to: 0.95, "reading"))
    measures = read.map { try? $0.get() }
    var builder = FindingsBuilder(set, measures)
    do throws(DataSetError) {
      let split = try set.split(by: rule)
      (self.split, builder.split) = (split, split)
    } catch {
      split = nil
      builder.add(.split, .error, [], "\(error)")
    }
    builder.addFiles(read, shortest: shortest)
    try control.report(95, of: 100, "comparing")
    builder.addLikeness(Likeness(set.clips, measures, threads: threads))
    builder.addGroups()
    builder.addClasses()
    builder.addTelltales()
    findings =
      builder.findings.filter { $0.severity == .error } + builder.findings.filter { $0.severity == .warning }
    try control.report(100, of: 100)
  }

  private static func measure(
    _ clips: [LabelledClip], threads: Int, control: RunControl
  ) throws(Cancelled) -> [Result<ClipMeasure, any Error>?] {
    let state = Mutex(
      (
        results: [Result<ClipMeasure, any Error>?](repeating: nil, count: clips.count),
        done: 0
      ))
    concurrently(clips.count, lanes: threads) { place in
      guard !control.isCancelled else { return }
      let result = Result { try ClipMeasure(clips[place]) }
      state.withLock { state in
        state.results[place] = result
        state.done += 1
        // What a report throws is found below.
        try? control.report(state.done, of: clips.count)
      }
    }
    try control.check()
    return state.withLock { $0.results }
  }
}

extension Optional where Wrapped == Result<ClipMeasure, any Error> {
  fileprivate func get() throws -> ClipMeasure? { try self?.get() }
}

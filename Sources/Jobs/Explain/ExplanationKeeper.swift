package import Explain
import Files
import Models
package import Reports

/// Keeps what an `ExplainJob` finds: files and pages in a store, and what is finished in a journal.
package struct ExplanationKeeper {
  private let job: ExplainJob
  private let store: any ResultStore
  private let journal: Journal?
  private var report: ExplanationReport
  private var hasJournal = false
  /// Sounds that were finished by an earlier run.
  package private(set) var finished: [ExplanationReport.Entry] = []
  /// Whether anything was explained, shown or not.
  package private(set) var hasExplanations = false

  /// - Parameters:
  ///   - journal: nil for a store that does not outlive the run.
  ///   - request: as the user made it, for the page.
  ///   - resumes: takes over what the journal and the store hold of an earlier run of the same request.
  /// - Throws: `ResumeError`.
  package init(
    _ job: ExplainJob, in store: any ResultStore, _ journal: Journal? = nil, request: String,
    title: String? = nil, resumes: Bool = false, count: Int? = nil
  ) throws {
    (self.job, self.store, self.journal) = (job, store, journal)
    report = ExplanationReport(
      store, ReportHeader(title: title ?? job.title, model: job.model.name, request: request),
      count: count ?? job.sounds.count)
    guard resumes, let journal, let known = try journal.read() else { return }
    let header = try? RecordCoding.read(RunFingerprint.self, from: known.header)
    let differences = header.map(job.fingerprint.differences) ?? ["everything"]
    guard differences.isEmpty else { throw ResumeError.otherRequest(differences) }
    try journal.mend()
    hasJournal = true
    finished = try report.resume(unchanged(known.entries))
    hasExplanations = !finished.isEmpty
  }

  /// Whether there is an unfinished run of the same request, which is not taken over.
  package func replacesUnfinished() throws -> Bool {
    guard !hasJournal, let known = try journal?.read(), !known.entries.isEmpty else { return false }
    return (try? RecordCoding.read(RunFingerprint.self, from: known.header)) == job.fingerprint
  }

  /// Those entries whose sounds are wanted and still the same, under their present numbers.
  private func unchanged(_ lines: [[UInt8]]) -> [ExplanationReport.Entry] {
    var free: [String: [Int]] = [:]
    for (number, path) in job.sounds.enumerated() { free[path, default: []].append(number) }
    return lines.compactMap { line in
      guard var entry = try? RecordCoding.read(ExplanationReport.Entry.self, from: line),
        let identity = entry.identity, FileIdentity(of: entry.path) == identity,
        let number = free[entry.path]?.first
      else { return nil }
      free[entry.path]?.removeFirst()
      entry.number = number
      return entry
    }
  }

  /// Writes what was found in a sound, and counts it as finished.
  package mutating func keep(_ result: SoundResult) throws {
    hasExplanations = hasExplanations || result.sound != nil || !result.contributions.isEmpty
    let entry =
      if let sound = result.sound {
        try report.add(
          sound, number: result.number, identity: result.identity, result.contributions)
      } else {
        try report.add(
          result.path, number: result.number, identity: result.identity, result.contributions)
      }
    guard let journal else { return }
    if !hasJournal {
      try journal.begin(job.fingerprint)
      hasJournal = true
    }
    try journal.add(entry)
  }

  /// Forgets what could be resumed.
  package func discard() { if hasJournal { journal?.remove() } }

  /// Writes the averages and the pages for the last time; returns the page to open, and nil where there is nothing.
  ///
  /// - Parameter isWhole: whether every sound was explained, so that nothing is left to resume.
  package mutating func finish(
    _ averages: ClassAverages?, isWhole: Bool, control: RunControl = RunControl()
  ) throws -> (page: String, averages: [AverageRecord])? {
    let written = try averages?.write(
      to: store, of: job.model, seed: job.request.parameters.seed, control: control)
    guard job.request.averages == .only ? written?.records.isEmpty == false : hasExplanations else {
      return nil
    }
    let page = try report.finish(written ?? .init())
    if isWhole, hasJournal { journal?.remove() }
    return (page, written?.records ?? [])
  }
}

/// What can keep a run from going on where another stopped.
package enum ResumeError: Error, CustomStringConvertible {
  /// What differs, in words.
  case otherRequest([String])

  package var description: String {
    switch self {
    case .otherRequest(let differences):
      "what was finished here belongs to another request (\(differences.joined(separator: ", ")) differ): use another "
        + "folder, or begin anew"
    }
  }
}

extension RunFingerprint {
  /// What differs, in words; empty where the results of both go together.
  package func differences(from other: RunFingerprint) -> [String] {
    var names: [String] = []
    func compare<Value: Equatable>(_ name: String, _ value: (RunFingerprint) -> Value) {
      if value(self) != value(other) { names.append(name) }
    }
    compare("the versions of Otoscope", \.version)
    compare("the models", { $0.request.model })
    compare("the models' files", \.modelFile)
    compare("methods", \.methods)
    compare("targets", { [$0.request.targets, $0.request.against.map { [$0] }] })
    compare("domains", \.request.domains)
    compare("parts of the sounds", \.request.part)
    compare("layers", \.request.layers)
    compare("parameters of the methods", \.request.parameters)
    if names.isEmpty, self != other { names.append("settings") }
    return names
  }
}

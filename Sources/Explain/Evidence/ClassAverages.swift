import Audio
public import Models

/// What the explanations of many clips have in common: for each target and method, where its evidence lies on average.
public struct ClassAverages: Sendable {
  /// The average over the clips of one target, by one method.
  public struct Entry: Sendable {
    /// As asked of the first of the clips.
    public let question: Question
    public let method: AttributionMethod
    public let domain: Domain
    /// In hertz; none where the domain has no bands.
    public let bandCentres: [Double]
    public var evidence = AverageEvidence()

    public var title: String { domain == .logMel ? method.title : "\(method.title) (\(domain.title))" }
  }

  private var entries: [Entry] = []

  public init() {}

  /// A class of one clip has no average.
  public static let fewestClips = 2

  /// What a clip's explanation gives to an average.
  public struct Contribution: Sendable, Codable {
    let method: String
    let domain: Domain
    /// nil for a question about an embedding.
    let target: Target?
    let clip: AverageEvidence.Clip

    /// - Parameter frames: those that are the clip's; what is behind is padding.
    public init(_ explanation: ClipExplanation, frames: Int, of model: AudioModel) {
      method = explanation.method.name
      domain = explanation.domain
      target = explanation.target
      clip = AverageEvidence.Clip(explanation.evidenceShares(model), frames: frames)
    }

    /// - Parameter embedding: what all clips of the run were asked of their embedding.
    fileprivate func question(_ embedding: EmbeddingQuestion?) -> Question? {
      target.map { .target($0) } ?? embedding.map { .embedding($0) }
    }
  }

  /// Adds what was found in a clip.
  ///
  /// - Parameter embedding: what all clips were asked of their embedding; nil for classes.
  /// - Throws: `ExplainError.unknownMethod`.
  public mutating func add(
    _ contribution: Contribution, of model: AudioModel, embedding: EmbeddingQuestion? = nil
  ) throws {
    guard let question = contribution.question(embedding) else { return }
    let method = try AttributionMethod(named: contribution.method)
    let domain = contribution.domain
    let known = entries.firstIndex {
      $0.method == method && $0.domain == domain && $0.question.isSame(as: question)
    }
    let place = known ?? entries.count
    if known == nil {
      let centres: [Double] =
        switch domain {
        case .logMel: model.axes.bandCentres
        case .stft: model.spectrumAxes.bandCentres
        case .waveform: []
        }
      entries.append(Entry(question: question, method: method, domain: domain, bandCentres: centres))
    }
    entries[place].evidence.add(contribution.clip)
  }

  /// Those of several clips by question, the questions of most clips first; the methods in the order they were asked.
  public var averages: [[Entry]] {
    var groups: [[Entry]] = []
    for entry in entries where entry.evidence.clips >= Self.fewestClips {
      if let place = groups.firstIndex(where: { $0[0].question.isSame(as: entry.question) }) {
        groups[place].append(entry)
      } else {
        groups.append([entry])
      }
    }
    func clips(_ group: [Entry]) -> Int { group.map(\.evidence.clips).max() ?? 0 }
    return groups.enumerated().sorted { (clips($1.element), $0.offset) < (clips($0.element), $1.offset) }
      .map(\.element)
  }

  /// How many questions were those of a single clip.
  public var singles: Int {
    var asked: [Question] = []
    for entry in entries where !asked.contains(where: { $0.isSame(as: entry.question) }) {
      asked.append(entry.question)
    }
    return asked.count - averages.count
  }
}

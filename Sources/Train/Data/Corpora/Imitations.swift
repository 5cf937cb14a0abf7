/// Which clips of a data set are vocal imitations, and of which recordings: what a search by voice is trained and tested on.
///
/// The set's clips are the imitations that the corpus includes, and their classes the concepts that were imitated. The
/// recordings stand beside them, with classes in the same order: those that were imitated, and others of the same concepts.
public struct Imitations: Sendable, Hashable, Codable {
  /// All recordings that can be found; each of one class, or of none where the corpus does not say.
  public var recordings: [LabelledClip]
  /// For each clip of the set the recording that it imitates, as a place in ``recordings``; nil where the person was only
  /// given a word, or the recording is not there.
  public var originals: [Int?]
  /// For each class the corpus' category, such as "acoustic instruments"; empty where there are none.
  public var categories: [String]

  public init(recordings: [LabelledClip], originals: [Int?], categories: [String] = []) {
    (self.recordings, self.originals, self.categories) = (recordings, originals, categories)
  }

  /// The imitations at `path`, VocalSketch or Vocal Imitation Set, and what they imitate.
  ///
  /// - Throws: `FileError`; `DataSetError`, also for another data set.
  public static func read(
    _ path: String, kind: Corpus? = nil
  ) throws -> (set: DataSet, imitations: Imitations) {
    let recognised = Corpus.recognised(at: path)
    let corpus = kind ?? recognised?.corpus
    switch corpus {
    case .vocalSketch: return try vocalSketch(Corpus.vocalSketch.folder(at: path))
    case .vocalImitationSet: return try vocalImitationSet(Corpus.vocalImitationSet.folder(at: path))
    default:
      throw DataSetError.notCorpus(
        path: path, corpus: "corpus of vocal imitations",
        missing: (Corpus.vocalSketch.marks + Corpus.vocalImitationSet.marks).joined(separator: " or "))
    }
  }
}

/// The sounds below a folder by their names, which tell them apart in these corpora.
struct SoundIndex {
  private var paths: [String: String] = [:]

  init(_ files: [String], named name: (String) -> String) {
    // The first counts: a folder's files come before those of the folders in it.
    for file in files where paths[name(file)] == nil { paths[name(file)] = file }
  }

  subscript(_ name: String) -> String? { paths[name] }
}

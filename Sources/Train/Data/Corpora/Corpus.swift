import Files

/// Which kind of data set lies at a path: a published corpus as it is distributed, or a form of one's own.
public enum Corpus: String, Sendable, CaseIterable, Codable {
  /// A folder of sounds for each class.
  case folders
  /// A table of files and their classes.
  case table
  /// Salamon, Jacoby and Bello, ACM Multimedia 2014.
  case urbanSound8K = "urbansound8k"
  /// Piczak, ACM Multimedia 2015.
  case esc50 = "esc-50"
  /// Fonseca et al., TASLP 2022.
  case fsd50k
  /// Cartwright and Pardo, CHI 2015; versions 1.0 and 1.1.
  case vocalSketch = "vocalsketch"
  /// Kim, Ghei, Pardo and Duan, DCASE 2018.
  case vocalImitationSet = "vocal-imitation-set"

  public var title: String {
    switch self {
    case .folders: "folder of classes"
    case .table: "table"
    case .urbanSound8K: "UrbanSound8K"
    case .esc50: "ESC-50"
    case .fsd50k: "FSD50K"
    case .vocalSketch: "VocalSketch"
    case .vocalImitationSet: "Vocal Imitation Set"
    }
  }

  /// Files and folders, any of which tells the corpus in its folder.
  var marks: [String] {
    switch self {
    case .folders, .table: []
    case .urbanSound8K: ["metadata/UrbanSound8K.csv"]
    case .esc50: ["meta/esc50.csv"]
    case .fsd50k: ["FSD50K.ground_truth/dev.csv", "FSD50K.ground_truth/eval.csv"]
    case .vocalSketch: ["sound_recordings.csv"]
    case .vocalImitationSet: ["vocal_imitations.txt", "original_recordings", "reference_recordings"]
    }
  }

  private func isIn(_ folder: String) -> Bool {
    marks.contains { WholeFile.exists(Folder.path(to: $0, in: folder)) }
  }

  /// A published corpus and its folder, where one lies in `path` or in the only folder inside, as archives unpack; also
  /// where `path` is the corpus' own table.
  static func recognised(at path: String) -> (corpus: Corpus, folder: String)? {
    guard Folder.exists(path) else {
      for corpus in [Corpus.urbanSound8K, .esc50] {
        for mark in corpus.marks where AbsolutePath.text(path).hasSuffix("/" + mark) {
          let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
          return (corpus, parts.isEmpty ? (path.contains("/") ? "." : "..") : parts.joined(separator: "/"))
        }
      }
      return nil
    }
    var folder = path
    for _ in 0..<3 {
      if let corpus = allCases.first(where: { $0.isIn(folder) }) { return (corpus, folder) }
      guard let inside = try? Folder.visiblePaths(in: folder), inside.count == 1, let only = inside.first,
        Folder.exists(only)
      else { return nil }
      folder = only
    }
    return nil
  }

  /// The folder of this corpus at or below `path`.
  ///
  /// - Throws: `DataSetError.notCorpus`.
  func folder(at path: String) throws(DataSetError) -> String {
    guard !isIn(path) else { return path }
    guard let found = Self.recognised(at: path), found.corpus == self else {
      throw .notCorpus(path: path, corpus: title, missing: marks.joined(separator: " or "))
    }
    return found.folder
  }
}

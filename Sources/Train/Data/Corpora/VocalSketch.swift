import Audio
import Explain
import Files

extension Imitations {
  /// VocalSketch 1.0 and 1.1: `vocal_imitations.csv`, in 1.1 also `vocal_imitaitons_set2.csv` (so written), and
  /// `sound_recordings.csv`; sounds in `vocal_imitations/included`, `vocal_imitations_set2/included` and `sound_recordings`.
  ///
  /// Labels repeat between subsets ("guitar" is an everyday sound and an instrument), so recordings are told by their files
  /// and ids. The second table went through a spreadsheet, which rounded its ids (`4.75E+15`): there the file's name tells
  /// the recording. Recordings that are not redistributed are left out of ``recordings``. Imitations by one person are a
  /// group.
  ///
  /// - Throws: `FileError`, `DataSetError`.
  static func vocalSketch(_ folder: String) throws -> (set: DataSet, imitations: Imitations) {
    let sounds = SoundIndex(
      try FolderWalk(folder, isWanted: SoundFiles.isSound).files, named: { Folder.name(of: $0) })
    let concepts = try Concepts(Folder.path(to: "sound_recordings.csv", in: folder))
    var rows: [(clip: LabelledClip, classes: [String])] = []
    var imitated: [String?] = []
    for (table, set) in [
      ("vocal_imitations.csv", ""), ("vocal_imitaitons_set2.csv", "set 2: "),
      ("vocal_imitations_set2.csv", "set 2: "),
    ] {
      let path = Folder.path(to: table, in: folder)
      guard WholeFile.exists(path) else { continue }
      for row in try VocalSketchRow.read(path) where row.isIncluded {
        let recording = concepts.recording(of: row)
        let concept = recording?.concept ?? concepts.concept(of: row)
        let place = set.isEmpty ? "vocal_imitations" : "vocal_imitations_set2"
        let clip = LabelledClip(
          path: sounds[row.file] ?? Folder.path(to: "\(place)/included/\(row.file)", in: folder),
          classes: [], group: row.participant.isEmpty ? nil : set + row.participant)
        rows.append((clip, [concept]))
        imitated.append(recording?.file)
      }
    }
    let set = DataSet(name: Corpus.vocalSketch.title, rows: rows)
    var places: [String: Int] = [:]
    var recordings: [LabelledClip] = []
    for recording in concepts.recordings {
      guard let path = sounds[recording.file] else { continue }
      places[recording.file] = recordings.count
      let label = set.classes.firstIndex(of: recording.concept)
      recordings.append(LabelledClip(path: path, classes: label.map { [$0] } ?? []))
    }
    let imitations = Imitations(
      recordings: recordings, originals: imitated.map { $0.flatMap { places[$0] } },
      categories: set.classes.map { concepts.subset(of: $0) })
    return (set, imitations)
  }
}

/// A line of a table of imitations.
private struct VocalSketchRow {
  var file: String
  var isIncluded: Bool
  var participant: String
  var label: String
  var labelID: String
  var recording: String
  var recordingID: String
  var subset: String

  static func read(_ path: String) throws -> [VocalSketchRow] {
    let table = try TableFile.read(path)
    let columns = try TableFile.places(
      [
        "filename", "included", "participant_id", "sound_label", "sound_label_id", "sound_recording",
        "sound_recording_id", "audio_concept_subset",
      ], in: table, path)
    return table.rows.map { fields in
      VocalSketchRow(
        file: fields[columns[0]], isIncluded: fields[columns[1]].lowercased() == "true",
        participant: fields[columns[2]], label: fields[columns[3]], labelID: fields[columns[4]],
        recording: fields[columns[5]], recordingID: fields[columns[6]], subset: fields[columns[7]])
    }
  }
}

/// What was imitated.
private struct Concepts {
  struct Recording {
    var file: String
    /// The label; with its subset where another has the same.
    var concept: String
    var subset: String
  }

  private(set) var recordings: [Recording] = []
  private var byID: [String: Int] = [:]
  private var byLabelID: [String: Int] = [:]
  private var byFile: [String: Int] = [:]
  private var subsets: [String: String] = [:]
  private let repeated: Set<String>

  init(_ path: String) throws {
    let table = try TableFile.read(path)
    let columns = try TableFile.places(
      ["id", "filename", "sound_label", "sound_label_id", "audio_concept_subset"], in: table, path)
    var counts: [String: Int] = [:]
    for fields in table.rows { counts[fields[columns[2]], default: 0] += 1 }
    repeated = Set(counts.filter { $0.value > 1 }.keys)
    for fields in table.rows {
      let (label, subset) = (fields[columns[2]], fields[columns[4]])
      let concept = repeated.contains(label) ? "\(label) (\(subset))" : label
      byID[fields[columns[0]]] = recordings.count
      byFile[fields[columns[1]]] = recordings.count
      if !fields[columns[3]].isEmpty { byLabelID[fields[columns[3]]] = recordings.count }
      subsets[concept] = subset
      recordings.append(Recording(file: fields[columns[1]], concept: concept, subset: subset))
    }
  }

  /// What a person was played; nil where it was a word.
  func recording(of row: VocalSketchRow) -> Recording? {
    (byFile[row.recording] ?? byID[row.recordingID]).map { recordings[$0] }
  }

  /// The concept of a word that was imitated.
  func concept(of row: VocalSketchRow) -> String {
    if let place = byLabelID[row.labelID] { return recordings[place].concept }
    return repeated.contains(row.label) ? "\(row.label) (\(row.subset))" : row.label
  }

  func subset(of concept: String) -> String { subsets[concept] ?? "" }
}

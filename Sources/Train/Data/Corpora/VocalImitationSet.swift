import Audio
import Explain
import Files

extension Imitations {
  /// Vocal Imitation Set: imitations in `vocal_imitations/included` (or `included`, or `vocal_imitations` itself), recordings in
  /// `original_recordings` (or `reference_recordings`), and `vocal_imitations.txt` with `imitation_filename`,
  /// `reference_filename`, `included` and `participant_id`, between tabs.
  ///
  /// A class is the beginning of a file's name, `004Animal_…_Dog_Bark` of `004Animal_…_Dog_Bark-4808870065078272.wav`; the
  /// recordings of a class lie in a folder of that name, or carry it in front of `_reference.wav`. Its three digits tell the
  /// class. Without the table the imitated recording is the one of the class called `reference` or `perfect`. Imitations by
  /// one person are a group.
  ///
  /// - Throws: `FileError`, `DataSetError`.
  static func vocalImitationSet(_ folder: String) throws -> (set: DataSet, imitations: Imitations) {
    let files = try FolderWalk(folder, isWanted: SoundFiles.isSound).files
    let inside = files.map { ImitationFile($0, in: folder) }
    let table = try ImitationTable(Folder.path(to: "vocal_imitations.txt", in: folder))
    var rows: [(clip: LabelledClip, classes: [String])] = []
    var imitated: [String?] = []
    for file in inside where file.isImitation {
      guard let row = table?.rows[file.name] else {
        // A file that the table does not know counts by its folder.
        guard !file.isExcluded else { continue }
        rows.append((LabelledClip(path: file.path, classes: []), [file.className]))
        imitated.append(nil)
        continue
      }
      guard row.isIncluded else { continue }
      rows.append((LabelledClip(path: file.path, classes: [], group: row.participant), [file.className]))
      imitated.append(row.reference)
    }
    let set = DataSet(name: Corpus.vocalImitationSet.title, rows: rows)
    var classes: [Substring: Int] = [:]
    for (place, name) in set.classes.enumerated() { classes[name.prefix(3)] = place }

    var recordings: [LabelledClip] = []
    var byName: [String: Int] = [:]
    var references: [Int: Int] = [:]
    for file in inside where file.isRecording {
      let label = classes[file.recordingClass.prefix(3)]
      if file.isReference {
        byName[file.name] = recordings.count
        if let label { references[label] = recordings.count }
      }
      recordings.append(LabelledClip(path: file.path, classes: label.map { [$0] } ?? []))
    }
    let originals = zip(set.clips, imitated).map { clip, name in
      name.flatMap { byName[$0] } ?? clip.classes.first.flatMap { references[$0] }
    }
    return (set, Imitations(recordings: recordings, originals: originals))
  }
}

/// A sound of the corpus, by where it lies.
private struct ImitationFile {
  let path: String
  let name: String
  private let folders: [Substring]

  init(_ path: String, in folder: String) {
    self.path = path
    let parts = path.dropFirst(folder.count).split(separator: "/")
    name = parts.last.map(String.init) ?? path
    folders = Array(parts.dropLast())
  }

  var isRecording: Bool {
    folders.contains { ["original_recordings", "reference_recordings"].contains($0) }
  }
  var isImitation: Bool {
    !isRecording && folders.contains { ["vocal_imitations", "included", "excluded"].contains($0) }
  }
  var isExcluded: Bool { folders.contains("excluded") }
  /// Whether it is the recording of its class that was imitated.
  var isReference: Bool {
    name.contains("_reference.") || name.contains("perfect") || folders.contains("reference")
      || folders.contains("reference_recordings")
  }

  /// The name up to the number behind the last hyphen.
  var className: String {
    name.lastIndex(of: "-").map { String(name[..<$0]) } ?? String(name.prefix { $0 != "." })
  }

  /// The folder of its class, or the file's own name.
  var recordingClass: Substring {
    let own = folders.last ?? ""
    return own.prefix(3).count == 3 && own.prefix(3).allSatisfy(\.isNumber) ? own : name[...]
  }
}

private struct ImitationTable {
  struct Row {
    var isIncluded: Bool
    var participant: String?
    var reference: String
  }

  private(set) var rows: [String: Row] = [:]

  /// Nil where there is no such file.
  init?(_ path: String) throws {
    guard WholeFile.exists(path) else { return nil }
    let table = try TableFile.read(path)
    guard let file = table.place(of: ["imitation_filename", "filename"]) else {
      throw DataSetError.noColumn(path: path, role: "imitation_filename", found: table.names)
    }
    let columns = try TableFile.places(["included", "reference_filename", "participant_id"], in: table, path)
    for fields in table.rows {
      let participant = fields[columns[2]]
      rows[fields[file]] = Row(
        isIncluded: fields[columns[0]].lowercased() == "true",
        participant: participant.isEmpty ? nil : participant, reference: fields[columns[1]])
    }
  }
}

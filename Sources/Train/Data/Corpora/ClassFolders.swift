import Audio
import Files

extension DataSet {
  /// A folder of sounds for each class, with the folders in it; hidden files are left out. Where the folders are called
  /// `train`, `validation` and `test`, each is a part and has a folder for each class.
  ///
  /// - Throws: `FileError`; `DataSetError.noClips`.
  init(classFoldersIn path: String) throws {
    guard Folder.exists(path) else { throw DataSetError.noClips(path: path) }
    let folders = try Folder.visiblePaths(in: path).filter(Folder.exists)
    let parts = folders.compactMap { LabelledClip.Part(saying: Folder.name(of: $0)) }
    var rows: [(clip: LabelledClip, classes: [String])] = []
    if parts.count == folders.count, parts.contains(.training), Set(parts).count == parts.count {
      for (folder, part) in zip(folders, parts) {
        let classes = try Folder.visiblePaths(in: folder).filter(Folder.exists)
        rows += try classes.flatMap { try Self.clips(inClass: $0, part: part) }
      }
    } else {
      rows = try folders.flatMap { try Self.clips(inClass: $0, part: nil) }
    }
    guard !rows.isEmpty else { throw DataSetError.noClips(path: path) }
    self.init(name: Folder.title(of: path), rows: rows)
  }

  private static func clips(
    inClass folder: String, part: LabelledClip.Part?
  ) throws -> [(clip: LabelledClip, classes: [String])] {
    let name = Folder.name(of: folder)
    return try FolderWalk(folder, isWanted: SoundFiles.isSound).files.map { path in
      (LabelledClip(path: path, classes: [], part: part), [name])
    }
  }
}

import Files

extension DataSet {
  /// Reads the labelled sounds at `path`: a folder with a folder for each class, a table of files and classes or the folder
  /// that it lies in, or a published corpus as it is distributed. Sounds are not opened.
  ///
  /// - Parameters:
  ///   - columns: which columns of a table hold what; nil to go by their names.
  ///   - kind: which of these it is; nil to find out.
  /// - Throws: `FileError`, `DataSetError`.
  public init(reading path: String, _ columns: TableColumns? = nil, kind: Corpus? = nil) throws {
    guard WholeFile.exists(path) else { throw FileError.notFound(path: path) }
    let recognised = columns == nil && kind == nil ? Corpus.recognised(at: path) : nil
    let corpus = try kind ?? recognised?.corpus ?? Self.form(of: path, columns)
    switch corpus {
    case .folders: try self.init(classFoldersIn: path)
    case .table: try self.init(tableAt: path, columns ?? TableColumns())
    default:
      guard columns == nil else {
        throw DataSetError.badColumns(
          text: corpus.title, problem: "the columns of this corpus are known; name none")
      }
      let folder = try recognised?.folder ?? corpus.folder(at: path)
      switch corpus {
      case .urbanSound8K: try self.init(urbanSound8K: folder)
      case .esc50: try self.init(esc50: folder)
      case .fsd50k: try self.init(fsd50k: folder)
      case .vocalSketch: self = try Imitations.vocalSketch(folder).set
      default: self = try Imitations.vocalImitationSet(folder).set
      }
    }
    guard !clips.isEmpty else { throw DataSetError.noClips(path: path) }
  }

  /// What is no published corpus: a table, or the folder of one, or folders of classes.
  private static func form(of path: String, _ columns: TableColumns?) throws -> Corpus {
    guard Folder.exists(path), columns == nil else { return .table }
    return try TableLocation.tables(in: path).contains(where: ClipTable.isOne) ? .table : .folders
  }

  /// Clips whose classes go by names; classes are in the order of their names, or of their numbers.
  init(
    name: String, rows: [(clip: LabelledClip, classes: [String])], isMultiLabel: Bool = false
  ) {
    let names = Set(rows.flatMap(\.classes)).sorted(by: Self.precedes)
    self.init(name: name, classes: names, rows: rows, isMultiLabel: isMultiLabel)
  }

  /// The same, with classes in a given order.
  init(
    name: String, classes: [String], rows: [(clip: LabelledClip, classes: [String])],
    isMultiLabel: Bool = false
  ) {
    var places: [String: Int] = [:]
    for (place, name) in classes.enumerated() { places[name] = place }
    let clips = rows.map { row in
      var clip = row.clip
      clip.classes = Set(row.classes.compactMap { places[$0] }).sorted()
      return clip
    }
    self.init(name: name, classes: classes, clips: clips, isMultiLabel: isMultiLabel)
  }

  /// Numbers by value, before names; names by their bytes, so that the order is the same on every machine.
  private static func precedes(_ left: String, _ right: String) -> Bool {
    if let one = Int(left), let other = Int(right), one != other { return one < other }
    if (Int(left) == nil) != (Int(right) == nil) { return Int(left) != nil }
    return left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}

extension Folder {
  /// What a folder is called, also where the path ends in a point.
  static func title(of path: String) -> String {
    let name = Folder.name(of: AbsolutePath.text(path))
    return name == ".." ? path : name
  }
}

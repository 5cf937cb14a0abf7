import Audio
import Files
public import Models
import Tensors

/// Finds, among sounds, those in which somebody has marked where a class sounds.
public struct AnnotatedSounds {
  let model: AudioModel
  /// In seconds: how much around a marked region is explained.
  let duration: Double
  private let tables: Tables
  public private(set) var notes: [String] = []

  private enum Tables {
    /// A table for each sound, in a folder.
    case folder(String)
    /// One table for all, by the names of the files.
    case shared([AnnotatedRegion])
  }

  /// - Parameter path: a folder of tables, or one table.
  /// - Throws: `FileError`, `AnnotationError`.
  public init(_ path: String, model: AudioModel, duration: Double) throws {
    (self.model, self.duration) = (model, duration)
    if Folder.exists(path) {
      tables = .folder(path)
    } else {
      let table = try Self.table(path)
      notes = table.notes
      tables = .shared(table.regions)
    }
  }

  private static func table(_ path: String) throws -> AnnotationTable {
    try AnnotationTable(WholeFile.read(path, limit: AnnotationTable.largestFile), from: path)
  }

  /// The sounds at these paths that have marked regions, each with where its classes sound in the stretch around its
  /// first region.
  ///
  /// A region's class is the one its label names; where the model knows no such class, the most probable one.
  public mutating func known(among paths: [String]) throws -> [Evaluation.Known] {
    var found: [Evaluation.Known] = []
    for path in paths {
      let regions = try self.regions(of: path, isOnlySound: paths.count == 1)
      guard let first = regions.min(by: { $0.start < $1.start }) else { continue }
      if let sound = try known(path, regions, around: first) { found.append(sound) }
    }
    if found.isEmpty { notes.append("no sound has a marked region that is not all of it.") }
    return found
  }

  private mutating func known(_ path: String, _ regions: [AnnotatedRegion], around first: AnnotatedRegion)
    throws -> Evaluation.Known?
  {
    let length = min(max(duration, first.end - first.start), Clip.longest)
    let start = max(0, (first.start + first.end - length) / 2)
    let samples: [Float]
    do {
      let recording = try Recording.read(path, from: start, duration: length)
      samples = try recording.mono(at: model.frontEnd.sampleRate)
    } catch {
      notes.append("\(error)")
      return nil
    }
    let listening = try model.listen(to: samples)
    var byClass: [Int: [AnnotatedRegion]] = [:]
    for region in regions where region.start < start + length && region.end > start {
      let named = region.label.flatMap { try? model.targets(.label($0), for: listening).first?.index }
      if named == nil, let label = region.label {
        note("\(model.name) knows no class '\(label)': its most probable one was explained instead.")
      }
      guard let index = named ?? listening.ranking.first else { continue }
      byClass[index, default: []].append(region)
    }
    let answers = byClass.sorted { $0.key < $1.key }.compactMap { index, regions in
      let mask = model.frontEnd.mask(of: regions, frames: listening.logMel.shape[0], offset: start)
      let inside = mask.values.count { $0 > 0 }
      // Where all is marked, every map is right.
      return inside > 0 && inside < mask.count ? (classIndex: index, region: mask) : nil
    }
    guard !answers.isEmpty else { return nil }
    return Evaluation.Known(name: path, samples: samples, answers: answers)
  }

  private mutating func note(_ text: String) { if !notes.contains(text) { notes.append(text) } }

  private mutating func regions(of path: String, isOnlySound: Bool) throws -> [AnnotatedRegion] {
    let file = Folder.name(of: path)
    let stem = Clip.stem(of: file)
    switch tables {
    case .shared(let regions):
      return regions.filter { region in
        region.file.map { Folder.name(of: $0) == file || $0 == stem } ?? isOnlySound
      }
    case .folder(let folder):
      for ending in [
        "txt", "csv", "tsv", "selections.txt", "Table.1.selections.txt", "events.txt", "events.csv",
      ] {
        let candidate = Folder.path(to: "\(stem).\(ending)", in: folder)
        guard WholeFile.exists(candidate) else { continue }
        let table = try Self.table(candidate)
        notes += table.notes
        return table.regions.filter { region in
          region.file.map { Folder.name(of: $0) == file || $0 == stem } ?? true
        }
      }
      return []
    }
  }
}

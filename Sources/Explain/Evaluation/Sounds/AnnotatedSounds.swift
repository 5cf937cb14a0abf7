import Audio
public import Models
import Tensors

/// Finds, among sounds, those in which somebody has marked where a class sounds.
public struct AnnotatedSounds {
  let model: AudioModel
  /// In seconds: how much around a marked region is explained.
  let duration: Double
  private let labels: LabelMap
  private var tables: AnnotationTables
  private var remarks: [String] = []
  /// Labels that the model does not know, with how many regions have them.
  private var unknown: [(label: String, count: Int, reason: String)] = []

  /// What was passed over or left out, and why.
  public var notes: [String] {
    tables.notes + remarks
      + unknown.map { label, count, reason in
        let regions = count == 1 ? "a region was left out" : "\(count) regions were left out"
        return label.isEmpty
          ? "\(regions): it has no label (a label map says what that means: '=Dog')"
          : "\(regions): \(reason) (a label map says what is meant: '\(label)=Dog')"
      }
  }

  /// - Parameters:
  ///   - path: a folder of tables, or one table.
  ///   - columns: columns of the tables that are named by hand.
  ///   - labels: what labels mean that the model does not know.
  /// - Throws: `FileError`, and `AnnotationError` for a single table that cannot be read.
  public init(
    _ path: String, model: AudioModel, duration: Double, columns: AnnotationColumns = AnnotationColumns(),
    labels: LabelMap = LabelMap()
  ) throws {
    (self.model, self.duration, self.labels) = (model, duration, labels)
    tables = try AnnotationTables(path, columns: columns)
  }

  /// The sounds at these paths that have marked regions, each with where its classes sound in the stretch around its
  /// first region that has one of the model's classes.
  ///
  /// A region whose label names no class is left out: what sounds there is not known.
  public mutating func known(among paths: [String]) throws -> [Evaluation.Known] {
    let regions = tables.regions(of: paths)
    var found: [Evaluation.Known] = []
    for path in paths {
      if let regions = regions[path], let sound = try known(path, regions) { found.append(sound) }
    }
    if found.isEmpty { remarks.append("no sound has a marked region of a known class that is not all of it") }
    return found
  }

  private mutating func known(_ path: String, _ regions: [AnnotatedRegion]) throws -> Evaluation.Known? {
    let known = regions.compactMap { region in classIndex(of: region).map { (index: $0, region: region) } }
    guard let first = known.map(\.region).min(by: { $0.start < $1.start }) else { return nil }
    let length = min(max(duration, first.end - first.start), Clip.longest)
    let start = max(0, (first.start + first.end - length) / 2)
    let samples: [Float]
    do {
      let recording = try Recording.read(path, from: start, duration: length)
      remarks += recording.flaws.map { "\(path): \($0)" }
      samples = try recording.mono(at: model.sampleRate)
    } catch {
      remarks.append("\(error)")
      return nil
    }
    let listening = try model.listen(to: samples)
    var byClass: [Int: [AnnotatedRegion]] = [:]
    for (index, region) in known where region.start < start + length && region.end > start {
      byClass[index, default: []].append(region)
    }
    let answers = byClass.sorted { $0.key < $1.key }.compactMap { index, regions in
      let mask = model.axes.mask(of: regions, frames: listening.logMel.shape[0], offset: start)
      let inside = mask.values.count { $0 > 0 }
      // Where all is marked, every map is right.
      return inside > 0 && inside < mask.count ? (classIndex: index, region: mask) : nil
    }
    guard !answers.isEmpty else {
      remarks.append("\(path): left out: its regions mark nothing or all of the stretch around the first")
      return nil
    }
    return Evaluation.Known(name: path, samples: samples, answers: answers)
  }

  /// The class that a region's label names; nil, counted, where the model has none.
  private mutating func classIndex(of region: AnnotatedRegion) -> Int? {
    var reason = ""
    for name in labels.names(of: region) {
      do { return try model.classIndex(of: name) } catch { if reason.isEmpty { reason = "\(error)" } }
    }
    let label = region.label ?? ""
    if let place = unknown.firstIndex(where: { $0.label == label }) {
      unknown[place].count += 1
    } else {
      unknown.append((label, 1, reason))
    }
    return nil
  }
}

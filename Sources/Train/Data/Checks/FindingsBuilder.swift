import Audio
import Files

/// Puts into sentences what a check found.
struct FindingsBuilder {
  let set: DataSet
  let measures: [ClipMeasure?]
  var split: Split? { didSet { sides = Self.sides(of: split, count: set.clips.count) } }
  private(set) var findings: [DataSetCheck.Finding] = []
  /// For each clip.
  private(set) var sides: [LabelledClip.Part?]
  /// The folder that all clips lie in, with its slash: names are shown from there on.
  private let root: String

  /// From here on a clip is heard: −60 dB of full scale.
  private static let quietest: Float = 0.001
  private static let leastClipped = 0.001

  init(_ set: DataSet, _ measures: [ClipMeasure?]) {
    (self.set, self.measures) = (set, measures)
    sides = [LabelledClip.Part?](repeating: nil, count: set.clips.count)
    var root =
      set.clips.first.map { $0.path.prefix(through: $0.path.lastIndex(of: "/") ?? $0.path.startIndex) } ?? ""
    if !root.hasSuffix("/") { root = "" }
    for clip in set.clips {
      while !clip.path.hasPrefix(root) {
        root = root.dropLast().lastIndex(of: "/").map { root[...$0] } ?? ""
      }
    }
    self.root = String(root)
  }

  private static func sides(of split: Split?, count: Int) -> [LabelledClip.Part?] {
    var sides = [LabelledClip.Part?](repeating: nil, count: count)
    for part in LabelledClip.Part.allCases { for place in split?[part] ?? [] { sides[place] = part } }
    return sides
  }

  mutating func add(
    _ kind: DataSetCheck.Finding.Kind, _ severity: DataSetCheck.Finding.Severity, _ clips: [Int],
    _ message: String
  ) {
    findings.append(DataSetCheck.Finding(kind: kind, severity: severity, clips: clips, message: message))
  }

  // MARK: - Names

  func name(_ place: Int) -> String {
    let clip = set.clips[place]
    let name = PathText.shown(String(clip.path.dropFirst(root.count)))
    guard let stretch = clip.stretch else { return name }
    let (start, end) = (stretch.lowerBound, stretch.upperBound)
    return "\(name) (\(NumberText.rounded(start, digits: 6)) to \(NumberText.rounded(end, digits: 6)) s)"
  }

  func names(_ places: [Int]) -> String { places.map { name($0) }.sample() }

  static func count(_ number: Int, _ one: String, _ several: String) -> String {
    "\(number) \(number == 1 ? one : several)"
  }

  // MARK: - Files

  mutating func addFiles(_ read: [Result<ClipMeasure, any Error>?], shortest: Double) {
    let failed = read.indices.compactMap { place -> (Int, String)? in
      guard case .failure(let error) = read[place] else { return nil }
      return (place, "\(error)")
    }
    if let first = failed.first {
      let more = failed.count > 1 ? "; also \(names(failed.dropFirst().map(\.0)))" : ""
      add(
        .unreadable, .error, failed.map(\.0),
        Self.count(failed.count, "clip cannot be read", "clips cannot be read") + ": \(first.1)\(more)")
    }
    addFlaws(.damaged, "clip is damaged", "clips are damaged") { $0 != .cancelling }
    addFlaws(.cancelling, "clip is silent when mixed", "clips are silent when mixed") { $0 == .cancelling }
    add(.silent, "clip is silent", "clips are silent", "leave them out, or give them a class of their own") {
      $0.peak < Self.quietest
    }
    add(
      .clipped, "clip is cut off at full scale", "clips are cut off at full scale",
      "they were recorded or exported too loud"
    ) { $0.clippedShare >= Self.leastClipped }
    let bound = NumberText.rounded(shortest, digits: 3)
    add(
      .short, "clip is shorter than \(bound) s", "clips are shorter than \(bound) s",
      "little of them is sound once they are padded to a network's patch"
    ) { $0.seconds < shortest }
  }

  private mutating func add(
    _ kind: DataSetCheck.Finding.Kind, _ one: String, _ several: String, _ remedy: String,
    _ isMeant: (ClipMeasure) -> Bool
  ) {
    let places = measures.indices.filter { measures[$0].map(isMeant) ?? false }
    guard !places.isEmpty else { return }
    add(kind, .warning, places, "\(Self.count(places.count, one, several)): \(names(places)); \(remedy)")
  }

  private mutating func addFlaws(
    _ kind: DataSetCheck.Finding.Kind, _ one: String, _ several: String, _ isMeant: (Flaw.Kind) -> Bool
  ) {
    let places = measures.indices.filter { measures[$0]?.flaws.contains { isMeant($0.kind) } ?? false }
    guard let first = places.first,
      let flaw = measures[first]?.flaws.first(where: { isMeant($0.kind) })
    else { return }
    let more = places.count > 1 ? "; also \(names(Array(places.dropFirst())))" : ""
    add(
      kind, .warning, places, "\(Self.count(places.count, one, several)): \(name(first)): \(flaw)\(more)")
  }
}

import Audio
import Catalogue
import Explain
import Figures
import Files
import Reports
import Tensors

/// What is seen and heard of the sounds of a map: a small spectrogram, and the loudest few seconds, in the page itself as long
/// as they are not too much for one; else links to the sounds.
struct AtlasPreviews {
  private let files: [CatalogueFile]
  private let folder: String?
  private let mostBytes: Int
  private let control: RunControl

  /// Of a sound, in seconds.
  private static let longest = 2.0
  private static let sampleRate = 16_000
  /// More thumbnails are made half as large.
  private static let mostLargeThumbnails = 500
  /// Beyond this many bytes of thumbnails, the rest are left out.
  private static let mostThumbnailBytes = 24_000_000

  init(_ files: [CatalogueFile], folder: String?, mostBytes: Int, control: RunControl) {
    (self.files, self.folder, self.mostBytes, self.control) = (files, folder, mostBytes, control)
  }

  private struct Preview: Sendable {
    var thumbnail: [UInt8]?
    var sound: [UInt8]?
  }

  /// - Throws: `Cancelled`.
  func made() throws -> (previews: [AtlasPreview], notes: [String]) {
    let frontEnd = try FrontEnd.preset(named: "yamnet")
    let large = files.count <= Self.mostLargeThumbnails
    let seconds = files.reduce(0) { $0 + min($1.seconds ?? Self.longest, Self.longest) }
    // Base64 makes four bytes of three.
    let embeds = seconds * Double(Self.sampleRate) * 4 / 3 <= Double(mostBytes)
    var made: [Preview] = []
    let step = 64
    for start in stride(from: 0, to: files.count, by: step) {
      try control.report(start, of: files.count)
      made += try concurrentMap(min(step, files.count - start)) { index in
        Self.preview(of: files[start + index], frontEnd, isLarge: large, hasSound: embeds)
      }
    }
    var notes: [String] = []
    let missing = made.count { $0.thumbnail == nil }
    if missing > 0 {
      notes.append("\(missing) of \(files.count) sounds cannot be read any more and are points alone")
    }
    var bytes = 0
    let previews = zip(files, made).map { file, preview -> AtlasPreview in
      var thumbnail = preview.thumbnail
      bytes += thumbnail?.count ?? 0
      if bytes > Self.mostThumbnailBytes { thumbnail = nil }
      let sound: AudioSource? =
        embeds
        ? preview.sound.map { .embedded($0, mime: "audio/wav") }
        : preview.thumbnail == nil ? nil : .linked(RelativePath.text(to: file.path, from: folder))
      return AtlasPreview(thumbnail: thumbnail, sound: sound)
    }
    if !embeds {
      notes.append(
        "The sounds are too many for one page: it links to their files, which have to stay where they are")
    } else if files.contains(where: { $0.seconds ?? 0 > Self.longest }) {
      notes.append(
        "Of longer sounds, the page holds the loudest \(NumberText.rounded(Self.longest, digits: 2)) s")
    }
    return (previews, notes)
  }

  private static func preview(of file: CatalogueFile, _ frontEnd: FrontEnd, isLarge: Bool, hasSound: Bool)
    -> Preview
  {
    // A sound that is gone, or damaged since, is a point without a preview.
    guard file.status == .indexed,
      let recording = try? Recording.read(file.path, limit: 600), recording.frames > 0,
      let mono = try? recording.mono(at: sampleRate)
    else { return Preview() }
    let loudest = Recording(
      channels: [mono.loudest(Int(longest * Double(sampleRate)))], sampleRate: sampleRate
    )
    .scaledToFullScaleIfLouder()
    let logMel = frontEnd.logMel(loudest.mono)
    let axes = frontEnd.axes
    let frames = max(1, min(logMel.shape[0], Int(axes.frame(at: loudest.duration)) + 1))
    let figure = TimeFrequencyFigure(
      spectrogram: logMel.rows(0..<frames), start: axes.start, hop: axes.hop, bandCentres: axes.bandCentres,
      title: "")
    return Preview(
      thumbnail: try? figure.thumbnail(hasAxes: isLarge, scale: isLarge ? 1.25 : 0.6).png,
      sound: hasSound ? try? muLawWAVBytes(of: loudest) : nil)
  }
}

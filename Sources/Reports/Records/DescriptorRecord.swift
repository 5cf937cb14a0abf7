package import Audio
import Files
import Tensors

/// The descriptors of one sound: `{"sound": "dog.mp3", "seconds": 6.0, "centroid_hz": 1893.4, "mfcc": [-212.1, …], …}`. A value
/// that does not exist is null.
package struct DescriptorRecord: Encodable, Sendable {
  package let sound: String
  /// Where the stretch begins in the sound, in seconds.
  package let start: Double
  package let clip: Descriptors
  /// Where something begins, in seconds from the stretch's beginning.
  package let onsets: [Double]
  package let flaws: [FlawRecord]
  /// Over frames; nil where nobody asked.
  package let frames: FrameDescriptors?

  package init(
    sound: String, start: Double, _ descriptors: FrameDescriptors, keepsFrames: Bool, flaws: [FlawRecord]
  ) {
    (self.sound, self.start, clip, onsets) = (sound, start, descriptors.clip, descriptors.onsets)
    (self.flaws, frames) = (flaws, keepsFrames ? descriptors : nil)
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ key: String) { stringValue = key }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(sound, forKey: Key("sound"))
    if start > 0 { try container.encode(start, forKey: Key("start")) }
    try container.encode(clip.seconds, forKey: Key("seconds"))
    for descriptor in Descriptor.allCases {
      try Self.encode(clip[descriptor], Key(descriptor.rawValue), in: &container)
    }
    try container.encode(onsets, forKey: Key("onsets"))
    if !flaws.isEmpty { try container.encode(flaws, forKey: Key("flaws")) }
    guard let frames else { return }
    var table = container.nestedContainer(keyedBy: Key.self, forKey: Key("frames"))
    try table.encode(frames.times.map { start + $0 }, forKey: Key("times"))
    for descriptor in Descriptor.allCases {
      guard let values = frames.values(of: descriptor) else { continue }
      let columns = descriptor.count
      let numbers = values.values.map { $0.isFinite ? $0 : nil }
      if columns == 1 {
        try table.encode(numbers, forKey: Key(descriptor.rawValue))
      } else {
        let rows = stride(from: 0, to: numbers.count, by: columns).map { Array(numbers[$0..<$0 + columns]) }
        try table.encode(rows, forKey: Key(descriptor.rawValue))
      }
    }
  }

  /// One number, or a list of several.
  private static func encode(
    _ values: [Double?], _ key: Key, in container: inout KeyedEncodingContainer<Key>
  ) throws {
    if values.count == 1 {
      try container.encode(values[0], forKey: key)
    } else {
      try container.encode(values, forKey: key)
    }
  }

  // MARK: - As a table

  /// The first line of a table of clips, or of frames.
  package static func header(ofFrames: Bool) -> [String] {
    guard ofFrames else { return ["sound", "start", "seconds"] + Descriptors.scalarNames }
    return ["sound", "time"] + Descriptor.allCases.filter(\.isOfFrames).flatMap(\.names)
  }

  /// A line for the clip, or one for each frame; empty fields where there is no value.
  package func rows(ofFrames: Bool) -> [[String]] {
    func text(_ value: Double?) -> String {
      value.map { $0.isFinite ? NumberText.rounded($0, digits: 7) : "" } ?? ""
    }
    guard ofFrames else {
      return [[sound, text(start), text(clip.seconds)] + clip.scalars.map { text($0.value) }]
    }
    guard let frames else { return [] }
    let columns = Descriptor.allCases.filter(\.isOfFrames).compactMap { frames.values(of: $0) }
    return frames.times.indices.map { frame in
      [sound, text(start + frames.times[frame])]
        + columns.flatMap { column in
          (0..<column.shape[1]).map { text(Double(column[frame, $0])) }
        }
    }
  }
}

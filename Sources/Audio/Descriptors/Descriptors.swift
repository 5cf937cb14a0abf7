/// What a clip is like, in numbers: the table of one sound.
///
/// ```swift
/// let table = try Descriptors(of: try Recording.read("dog.mp3"))
/// table[.centroid]                 // [1893.4]
/// for (name, value) in table.scalars { print(name, value ?? .nan) }
/// ```
///
/// Of a descriptor of frames this is the mean over those frames where it has a value, but for `rms`, the root of the mean
/// square of the clip, `harmonic_share`, the share of the clip's energy, and both loudnesses in LUFS, which are EBU R128's:
/// the integrated one and the largest short-term one. A value that does not exist, such as the centroid of silence, is nil.
public struct Descriptors: Sendable, Equatable {
  /// How long the clip is.
  public let seconds: Double
  private let values: [Descriptor: [Double?]]

  /// - Throws: what resampling throws.
  public init(of recording: Recording) throws(AudioError) {
    self = try FrameDescriptors(of: recording).clip
  }

  /// Of mono samples.
  ///
  /// - Throws: what resampling throws.
  public init(of samples: [Float], sampleRate: Int) throws(AudioError) {
    try self.init(of: Recording(channels: [samples], sampleRate: sampleRate))
  }

  init(seconds: Double, values: [Descriptor: [Double?]]) {
    self.seconds = seconds
    // What is no number is no value.
    self.values = values.mapValues { $0.map { $0.flatMap { $0.isFinite ? $0 : nil } } }
  }

  /// `descriptor.count` values.
  public subscript(_ descriptor: Descriptor) -> [Double?] {
    values[descriptor] ?? Array(repeating: nil, count: descriptor.count)
  }

  /// The names of ``scalars``, the same for all clips.
  public static let scalarNames = Descriptor.allCases.flatMap(\.names)

  /// All values in one row, by name.
  public var scalars: [(name: String, value: Double?)] {
    Descriptor.allCases.flatMap { descriptor in
      zip(descriptor.names, self[descriptor]).map { (name: $0, value: $1) }
    }
  }
}

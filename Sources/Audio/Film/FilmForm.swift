/// The kind of file a film becomes.
package enum FilmForm: String, Sendable, Hashable, CaseIterable {
  /// WebM: VP9 or VP8, and Opus or Vorbis.
  case webM = "webm"
  /// MP4: H.264, or MPEG-4 where there is no encoder for it, and AAC.
  case mp4

  /// Encoders by FFmpeg's names, the best first.
  var videoEncoders: [String] {
    switch self {
    case .webM: ["libvpx-vp9", "libvpx"]
    case .mp4: ["libx264", "libopenh264", "mpeg4"]
    }
  }

  var soundEncoders: [String] {
    switch self {
    case .webM: ["libopus", "libvorbis"]
    case .mp4: ["aac"]
    }
  }
}

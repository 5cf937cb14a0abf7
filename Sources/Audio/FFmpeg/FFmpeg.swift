import CFFmpeg

/// FFmpeg's functions, from libraries that are loaded when they are first asked for: by most of a program's work they are
/// not needed, and loading them takes longer than everything else at its start.
enum FFmpeg {
  /// - Throws: `.noFFmpeg` where a library is missing or of another version.
  static func loaded() throws(AudioError) -> otoscope_ffmpeg { try attempt.get() }

  private static let attempt: Result<otoscope_ffmpeg, AudioError> = {
    let functions = UnsafeMutablePointer<otoscope_ffmpeg>.allocate(capacity: 1)
    defer { functions.deallocate() }
    if let problem = otoscope_load_ffmpeg(functions) {
      return .failure(.noFFmpeg(reason: String(cString: problem)))
    }
    // FFmpeg tells its troubles by status; its own log would only disturb the terminal.
    functions.pointee.av_log_set_level(AV_LOG_QUIET)
    return .success(functions.pointee)
  }()

  /// The library that converts the colours of pictures.
  ///
  /// - Throws: `PictureError.noLibrary` where it is missing or of another version.
  static func loadedScaler() throws(PictureError) -> otoscope_swscale { try scalerAttempt.get() }

  private static let scalerAttempt: Result<otoscope_swscale, PictureError> = {
    let functions = UnsafeMutablePointer<otoscope_swscale>.allocate(capacity: 1)
    defer { functions.deallocate() }
    if let problem = otoscope_load_swscale(functions) {
      return .failure(.noLibrary(reason: String(cString: problem)))
    }
    return .success(functions.pointee)
  }()
}

extension otoscope_ffmpeg {
  /// FFmpeg's own words for a status.
  func message(of status: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
      guard let start = buffer.baseAddress, av_strerror(status, start, buffer.count) >= 0 else {
        return "FFmpeg's status \(status)"
      }
      return String(cString: start)
    }
  }
}

import CFFmpeg

/// Makes a film of pictures and a mono sound: frames are given one by one, and `finish` gives the whole file.
///
/// The file grows in memory, so that nobody ever sees half of one. Pictures become YUV 4:2:0 by BT.709; of an odd width or
/// height the last column or row is repeated. Sound is resampled to 48 kHz and written as far as the pictures go.
package final class FilmWriter {
  package let form: FilmForm
  package let width: Int
  package let height: Int
  /// Frames a second.
  package let rate: Int
  private let ffmpeg: otoscope_ffmpeg
  private var format: UnsafeMutablePointer<AVFormatContext>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private let pictures: FilmTrack
  private let sounds: FilmTrack?
  private let samples: [Float]
  private var nextSample = 0
  private var frames = 0
  private var isFinished = false

  /// Samples a second of every film's sound.
  static let soundRate = 48000

  /// - Parameters:
  ///   - sound: from the film's beginning; nil for a silent film. What is longer than the film is cut off.
  /// - Throws: `AudioError.noFFmpeg`, `.cannotFilm`.
  package init(_ form: FilmForm, width: Int, height: Int, rate: Int, sound: Recording? = nil)
    throws(AudioError)
  {
    precondition(width > 0 && height > 0 && rate > 0, "a film of nothing")
    (self.form, self.width, self.height, self.rate) = (form, width, height, rate)
    ffmpeg = try FFmpeg.loaded()
    samples =
      try sound.map { sound throws(AudioError) in
        try sound.resampled(to: Self.soundRate).mono.map { $0.isFinite ? min(max($0, -1), 1) : 0 }
      } ?? []
    var context: UnsafeMutablePointer<AVFormatContext>?
    guard ffmpeg.avformat_alloc_output_context2(&context, nil, form.rawValue, nil) >= 0, let context else {
      throw .cannotFilm(reason: "FFmpeg cannot write \(form.rawValue) files")
    }
    format = context
    // The same film is the same bytes: no date, no random numbers of the container's own.
    context.pointee.flags |= AVFMT_FLAG_BITEXACT
    packet = ffmpeg.av_packet_alloc()
    do throws(AudioError) {
      pictures = try FilmTrack(
        pictures: ffmpeg, form, in: context, width: (width + 1) / 2 * 2, height: (height + 1) / 2 * 2,
        rate: rate)
      sounds = sound == nil ? nil : try FilmTrack(sound: ffmpeg, form, in: context, rate: Self.soundRate)
    } catch {
      ffmpeg.avformat_free_context(context)
      ffmpeg.av_packet_free(&packet)
      throw error
    }
    guard ffmpeg.avio_open_dyn_buf(&context.pointee.pb) >= 0 else {
      throw .cannotFilm(reason: "out of memory")
    }
    let status = ffmpeg.avformat_write_header(context, nil)
    guard status >= 0 else { throw .cannotFilm(reason: ffmpeg.message(of: status)) }
  }

  deinit { close() }

  private func close() {
    if let format {
      if format.pointee.pb != nil {
        var bytes: UnsafeMutablePointer<UInt8>?
        _ = ffmpeg.avio_close_dyn_buf(format.pointee.pb, &bytes)
        ffmpeg.av_free(bytes)
        format.pointee.pb = nil
      }
      ffmpeg.avformat_free_context(format)
    }
    format = nil
    ffmpeg.av_packet_free(&packet)
  }

  /// Adds a picture: red, green, blue and a fourth byte that does not count, row after row from the top.
  package func add(_ pixels: [UInt8]) throws(AudioError) {
    precondition(pixels.count == 4 * width * height && !isFinished, "a picture of another size")
    try pictures.send { frame in
      Self.fill(frame, pixels, self.width, self.height)
      frame.pointee.pts = Int64(self.frames)
    }
    frames += 1
    try write(pictures)
    try writeSound(upTo: frames * Self.soundRate / rate)
  }

  /// The whole file.
  package func finish() throws(AudioError) -> [UInt8] {
    precondition(!isFinished, "a film ends once")
    isFinished = true
    try pictures.send(nil)
    try write(pictures)
    if let sounds {
      try writeSound(upTo: frames * Self.soundRate / rate, isLast: true)
      try sounds.send(nil)
      try write(sounds)
    }
    guard let format else { throw .cannotFilm(reason: "the file is closed") }
    let status = ffmpeg.av_write_trailer(format)
    guard status >= 0 else { throw .cannotFilm(reason: ffmpeg.message(of: status)) }
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = ffmpeg.avio_close_dyn_buf(format.pointee.pb, &bytes)
    format.pointee.pb = nil
    defer { ffmpeg.av_free(bytes) }
    guard let bytes, count > 0 else { throw .cannotFilm(reason: "the file is empty") }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
  }

  /// Sends whole frames of sound; at the end what is left as well, with silence behind it.
  private func writeSound(upTo end: Int, isLast: Bool = false) throws(AudioError) {
    guard let sounds else { return }
    let size = sounds.frameSize
    while nextSample + size <= end || isLast && nextSample < end {
      let start = nextSample
      try sounds.send { frame in
        FilmTrack.fill(
          frame, (start..<start + size).map { $0 < min(end, self.samples.count) ? self.samples[$0] : 0 })
        frame.pointee.pts = Int64(start)
      }
      nextSample += size
      try write(sounds)
    }
  }

  /// Writes what an encoder has ready.
  private func write(_ track: FilmTrack) throws(AudioError) {
    guard let format, let packet else { throw .cannotFilm(reason: "out of memory") }
    while true {
      let received = ffmpeg.avcodec_receive_packet(track.codec, packet)
      if received == otoscope_averror_eagain || received == otoscope_averror_eof { return }
      guard received >= 0 else { throw .cannotFilm(reason: ffmpeg.message(of: received)) }
      ffmpeg.av_packet_rescale_ts(packet, track.codec.pointee.time_base, track.stream.pointee.time_base)
      packet.pointee.stream_index = track.stream.pointee.index
      let written = ffmpeg.av_interleaved_write_frame(format, packet)
      guard written >= 0 else { throw .cannotFilm(reason: ffmpeg.message(of: written)) }
    }
  }

  /// Luma for each pixel, chroma for each square of four: BT.709, 16 to 235 and 16 to 240.
  private static func fill(
    _ frame: UnsafeMutablePointer<AVFrame>, _ pixels: [UInt8], _ width: Int, _ height: Int
  ) {
    guard let luma = frame.pointee.data.0, let blue = frame.pointee.data.1, let red = frame.pointee.data.2
    else { return }
    let strides = frame.pointee.linesize
    pixels.withUnsafeBufferPointer { pixels in
      for y in stride(from: 0, to: height, by: 2) {
        for x in stride(from: 0, to: width, by: 2) {
          var (u, v) = (0 as Int32, 0 as Int32)
          for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let place = 4 * (min(y + dy, height - 1) * width + min(x + dx, width - 1))
            let (r, g, b) = (Int32(pixels[place]), Int32(pixels[place + 1]), Int32(pixels[place + 2]))
            // The factors times 2^16.
            let shade = (11966 * r + 40254 * g + 4064 * b + 32768) >> 16
            luma[(y + dy) * Int(strides.0) + x + dx] = UInt8(truncatingIfNeeded: 16 + shade)
            u += (-6596 * r - 22189 * g + 28784 * b) >> 16
            v += (28784 * r - 26145 * g - 2639 * b) >> 16
          }
          blue[y / 2 * Int(strides.1) + x / 2] = UInt8(truncatingIfNeeded: 128 + (u + 2) / 4)
          red[y / 2 * Int(strides.2) + x / 2] = UInt8(truncatingIfNeeded: 128 + (v + 2) / 4)
        }
      }
    }
  }
}

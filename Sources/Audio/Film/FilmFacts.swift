import CFFmpeg

/// What a film's file says of its pictures, and how many there are.
package struct FilmFacts: Sendable, Hashable {
  package let width: Int
  package let height: Int
  package let frames: Int
  /// Of the file.
  package let seconds: Double

  /// Reads through the whole file; nothing is decoded.
  ///
  /// - Throws: `AudioError.noFFmpeg`, `.notAudio` for what is no media file or has no pictures.
  package init(_ path: String) throws(AudioError) {
    let ffmpeg = try FFmpeg.loaded()
    var input: UnsafeMutablePointer<AVIOContext>?
    var format = ffmpeg.avformat_alloc_context()
    var packet = ffmpeg.av_packet_alloc()
    defer {
      ffmpeg.av_packet_free(&packet)
      ffmpeg.avformat_close_input(&format)
      _ = ffmpeg.avio_closep(&input)
    }
    let opened = ffmpeg.avio_open2(&input, "file:" + path, AVIO_FLAG_READ, nil, nil)
    guard opened >= 0, let context = format else {
      throw .unreadable(path: path, reason: ffmpeg.message(of: opened))
    }
    context.pointee.pb = input
    context.pointee.io_open = { _, _, _, _, _ in otoscope_averror_not_permitted }
    guard ffmpeg.avformat_open_input(&format, "file:" + path, nil, nil) >= 0, let format,
      ffmpeg.avformat_find_stream_info(format, nil) >= 0
    else { throw .notAudio(path: path) }
    let streams = (0..<Int(format.pointee.nb_streams)).compactMap { format.pointee.streams[$0] }
    guard
      let pictures = streams.first(where: { $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO })
    else { throw .notAudio(path: path) }
    var count = 0
    while let packet, ffmpeg.av_read_frame(format, packet) >= 0 {
      if packet.pointee.stream_index == pictures.pointee.index { count += 1 }
      ffmpeg.av_packet_unref(packet)
    }
    width = Int(pictures.pointee.codecpar.pointee.width)
    height = Int(pictures.pointee.codecpar.pointee.height)
    frames = count
    seconds = Double(format.pointee.duration) / Double(AV_TIME_BASE)
  }
}

import CFFmpeg
import Glibc

/// One media file open for decoding: FFmpeg's demuxer and the decoder of the first audio stream, owned and freed.
///
/// A path is always a path: it is opened by the `file:` protocol (standard input, `"-"`, by `pipe:`), and whatever a
/// playlist inside it names is refused, so no name or content can reach the network or another file.
final class MediaFile {
  let path: String
  private let ffmpeg: otoscope_ffmpeg
  private var input: UnsafeMutablePointer<AVIOContext>?
  private var format: UnsafeMutablePointer<AVFormatContext>?
  private var codec: UnsafeMutablePointer<AVCodecContext>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private var frame: UnsafeMutablePointer<AVFrame>?
  private var streamIndex: Int32 = 0
  private var isDraining = false

  /// How many packets or stretches FFmpeg could not make sense of so far, and what it said last.
  private(set) var failures = 0
  private var lastFailure: Int32 = 0

  init(_ path: String) throws(AudioError) {
    self.path = path
    ffmpeg = try FFmpeg.loaded()
    try Self.check(path)
    try openContainer()
    try openDecoder()
    packet = ffmpeg.av_packet_alloc()
    frame = ffmpeg.av_frame_alloc()
  }

  deinit {
    ffmpeg.av_frame_free(&frame)
    ffmpeg.av_packet_free(&packet)
    ffmpeg.avcodec_free_context(&codec)
    ffmpeg.avformat_close_input(&format)
    _ = ffmpeg.avio_closep(&input)
  }

  var sampleRate: Int { Int(codec?.pointee.sample_rate ?? 0) }
  var channels: Int { Int(codec?.pointee.ch_layout.nb_channels ?? 0) }

  /// The length the container claims, in seconds; nil where it claims none.
  var duration: Double? {
    guard let format, let stream else { return nil }
    let base = stream.pointee.time_base
    if stream.pointee.duration != otoscope_no_timestamp, stream.pointee.duration > 0, base.den > 0 {
      return Double(stream.pointee.duration) * Double(base.num) / Double(base.den)
    }
    let duration = format.pointee.duration
    return duration != otoscope_no_timestamp && duration > 0 ? Double(duration) / Double(AV_TIME_BASE) : nil
  }

  /// Whether one can go anywhere in the file (not in a pipe) and tell there one sample from the next.
  var canSeekExactly: Bool {
    guard let input, input.pointee.seekable & AVIO_SEEKABLE_NORMAL != 0 else { return false }
    guard let base = stream?.pointee.time_base, base.num > 0 else { return false }
    return Int(base.num) * sampleRate <= Int(base.den)
  }

  /// The frame's first sample on the stream's own time line, in samples; nil where FFmpeg does not know.
  func time(of frame: AVFrame) -> Int? {
    guard let base = stream?.pointee.time_base, frame.pts != otoscope_no_timestamp else { return nil }
    return Int(ffmpeg.av_rescale_q(frame.pts, base, AVRational(num: 1, den: Int32(sampleRate))))
  }

  /// Goes to the last packet at or before `sample` (as `time(of:)` counts); false where the file cannot.
  func seek(to sample: Int) -> Bool {
    guard let format, let codec, let base = stream?.pointee.time_base else { return false }
    let target = ffmpeg.av_rescale_q(Int64(sample), AVRational(num: 1, den: Int32(sampleRate)), base)
    guard ffmpeg.av_seek_frame(format, streamIndex, target, AVSEEK_FLAG_BACKWARD) >= 0 else { return false }
    ffmpeg.avcodec_flush_buffers(codec)
    isDraining = false
    return true
  }

  /// The next decoded frame, valid until the next call; nil at the end. Damaged packets are skipped and counted.
  func nextFrame() -> UnsafeMutablePointer<AVFrame>? {
    guard let format, let codec, let packet, let frame else { return nil }
    while true {
      let received = ffmpeg.avcodec_receive_frame(codec, frame)
      if received == 0 { return frame }
      if received == otoscope_averror_eof { return nil }
      if received != otoscope_averror_eagain {
        note(received)
        if isDraining { return nil }
      }
      if isDraining { return nil }
      let read = ffmpeg.av_read_frame(format, packet)
      if read < 0 {
        if read != otoscope_averror_eof { note(read) }
        isDraining = true
        _ = ffmpeg.avcodec_send_packet(codec, nil)
        continue
      }
      if packet.pointee.stream_index == streamIndex {
        let sent = ffmpeg.avcodec_send_packet(codec, packet)
        if sent < 0 && sent != otoscope_averror_eagain { note(sent) }
      }
      ffmpeg.av_packet_unref(packet)
    }
  }

  private var stream: UnsafeMutablePointer<AVStream>? { format?.pointee.streams?[Int(streamIndex)] }

  /// What FFmpeg said of the last failure.
  var lastMessage: String { ffmpeg.message(of: lastFailure) }

  private func note(_ status: Int32) {
    failures += 1
    lastFailure = status
  }
}

extension MediaFile {
  /// What the file system can tell before FFmpeg is asked.
  private static func check(_ path: String) throws(AudioError) {
    guard path != "-" else { return }
    guard !path.isEmpty, !path.utf8.contains(0) else { throw .notFound(path: path) }
    var information = stat()
    guard stat(path, &information) == 0 else {
      throw errno == ENOENT || errno == ENOTDIR
        ? .notFound(path: path) : .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    guard information.st_mode & S_IFMT != S_IFDIR else { throw .isFolder(path: path) }
    if information.st_mode & S_IFMT == S_IFREG && information.st_size == 0 { throw .emptyFile(path: path) }
  }

  private func openContainer() throws(AudioError) {
    let isPipe = path == "-"
    let url = isPipe ? "pipe:0" : "file:" + path
    var options: OpaquePointer?
    defer { ffmpeg.av_dict_free(&options) }
    _ = ffmpeg.av_dict_set(&options, "protocol_whitelist", isPipe ? "pipe" : "file", 0)
    let opened = ffmpeg.avio_open2(&input, url, AVIO_FLAG_READ, nil, &options)
    guard opened >= 0 else { throw .unreadable(path: path, reason: ffmpeg.message(of: opened)) }

    format = ffmpeg.avformat_alloc_context()
    guard let context = format else { throw .unreadable(path: path, reason: "out of memory") }
    context.pointee.pb = input
    context.pointee.io_open = { _, _, _, _, _ in otoscope_averror_not_permitted }
    _ = ffmpeg.av_dict_set(&options, "protocol_whitelist", isPipe ? "pipe" : "file", 0)
    let status = ffmpeg.avformat_open_input(&format, url, nil, &options)
    guard status >= 0, let format else {
      throw isPipe && input?.pointee.pos == 0 ? .emptyFile(path: path) : .notAudio(path: path)
    }
    // Only the first sound track is wanted; the pictures of a film need not even be looked at.
    guard ffmpeg.avformat_find_stream_info(format, nil) >= 0 else { throw .notAudio(path: path) }
    var first: Int32?
    for index in 0..<Int(format.pointee.nb_streams) {
      guard let stream = format.pointee.streams[index] else { continue }
      if first == nil, stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO {
        first = Int32(index)
      } else {
        stream.pointee.discard = AVDISCARD_ALL
      }
    }
    guard let first else { throw .noAudioStream(path: path) }
    streamIndex = first
  }

  private func openDecoder() throws(AudioError) {
    guard let stream, let parameters = stream.pointee.codecpar else { throw .noAudioStream(path: path) }
    let name = ffmpeg.avcodec_get_name(parameters.pointee.codec_id).map { String(cString: $0) } ?? "unknown"
    guard let decoder = ffmpeg.avcodec_find_decoder(parameters.pointee.codec_id) else {
      throw .undecodable(path: path, reason: "FFmpeg has no decoder for '\(name)'")
    }
    // A header may claim anything: it is checked before anything is allocated by it.
    let rate = Int(parameters.pointee.sample_rate)
    let channels = Int(parameters.pointee.ch_layout.nb_channels)
    guard rate != 0 || channels != 0 else { throw .notAudio(path: path) }
    guard Limits.sampleRates.contains(rate) else { throw .absurdSampleRate(path: path, hertz: rate) }
    guard Limits.channels.contains(channels) else {
      throw .absurdChannelCount(path: path, channels: channels)
    }
    codec = ffmpeg.avcodec_alloc_context3(decoder)
    guard let codec else { throw .unreadable(path: path, reason: "out of memory") }
    codec.pointee.thread_count = 1
    codec.pointee.pkt_timebase = stream.pointee.time_base
    var status = ffmpeg.avcodec_parameters_to_context(codec, parameters)
    if status >= 0 { status = ffmpeg.avcodec_open2(codec, decoder, nil) }
    guard status >= 0 else {
      throw .undecodable(path: path, reason: "\(name): \(ffmpeg.message(of: status))")
    }
  }
}

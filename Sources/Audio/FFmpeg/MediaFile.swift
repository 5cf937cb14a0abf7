import CFFmpeg
import Files
import Glibc

/// One media file open for decoding: FFmpeg's demuxer and the decoder of the first audio stream, owned and freed.
///
/// A path is always a path: it is opened by the `file:` protocol (standard input, `"-"`, by `pipe:`), and whatever a
/// playlist inside it names is refused, so no name or content can reach the network or another file.
final class MediaFile {
  let path: String
  let ffmpeg: otoscope_ffmpeg
  private(set) var input: UnsafeMutablePointer<AVIOContext>?
  private(set) var format: UnsafeMutablePointer<AVFormatContext>?
  private(set) var codec: UnsafeMutablePointer<AVCodecContext>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private var frame: UnsafeMutablePointer<AVFrame>?
  private var streamIndex: Int32 = 0
  private var isDraining = false
  private(set) var lostBytes: LostBytes?
  /// Whether the last packet is not all there.
  private(set) var lastIsCut = false
  /// The sample rate at the beginning, which the time base was made for.
  private(set) var firstRate = 0
  /// Of a WAV file.
  private(set) var wav: WAVHeader?
  /// Packets that end before this time stamp are not decoded.
  private var passedUntil: Int64?
  private var lastTime: Int64?
  /// Whether time went backwards while packets were passed over: where one is then cannot be told.
  private(set) var lostItsWay = false

  /// What FFmpeg could not make sense of since the count was taken, and what it said last.
  private(set) var troubles = 0
  private var lastFailure: Int32 = 0
  /// Failures to read a packet without getting on in the file.
  private var vainReads = 0
  private var lastPosition: Int64 = -1
  /// After so many there is nothing more to come.
  private static let mostVainReads = 1000

  init(_ path: String) throws(AudioError) {
    self.path = path
    ffmpeg = try FFmpeg.loaded()
    try Self.check(path)
    wav = WAVHeader(path)
    try openContainer()
    try openDecoder()
    lostBytes = LostBytes(format: formatName, path: path)
    firstRate = codec.map { Int($0.pointee.sample_rate) } ?? 0
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

  /// The frame's first sample on the stream's own time line, in samples at `rate`; nil where FFmpeg does not know.
  func time(of frame: AVFrame, rate: Int) -> Int? {
    guard let base = stream?.pointee.time_base, frame.pts != otoscope_no_timestamp else { return nil }
    return Int(ffmpeg.av_rescale_q(frame.pts, base, AVRational(num: 1, den: Int32(rate))))
  }

  /// How many failures there were since this was last asked.
  func takeTroubles() -> Int {
    defer { troubles = 0 }
    return troubles
  }

  /// Goes to the last packet at or before `sample` (as `time(of:rate:)` counts); false where the file cannot.
  func seek(to sample: Int, rate: Int) -> Bool {
    guard let format, let codec, let target = timeStamp(of: sample, rate) else { return false }
    guard ffmpeg.av_seek_frame(format, streamIndex, target, AVSEEK_FLAG_BACKWARD) >= 0 else { return false }
    ffmpeg.avcodec_flush_buffers(codec)
    isDraining = false
    return true
  }

  /// Passes over the packets that end before `sample`, without decoding them.
  func passOver(to sample: Int, rate: Int) { passedUntil = timeStamp(of: sample, rate) }

  private func timeStamp(of sample: Int, _ rate: Int) -> Int64? {
    guard let base = stream?.pointee.time_base else { return nil }
    return ffmpeg.av_rescale_q(Int64(sample), AVRational(num: 1, den: Int32(rate)), base)
  }

  /// The next decoded frame, valid until the next call; nil at the end. Damaged packets are skipped and counted.
  func nextFrame() -> UnsafeMutablePointer<AVFrame>? {
    guard let codec, let frame else { return nil }
    while true {
      let received = ffmpeg.avcodec_receive_frame(codec, frame)
      if received == 0 {
        if frame.pointee.decode_error_flags != 0 || frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 {
          troubles += 1
        }
        return frame
      }
      if received == otoscope_averror_eof { return nil }
      if received != otoscope_averror_eagain { note(received) }
      if isDraining { return nil }
      sendPacket(to: codec)
    }
  }

  /// Reads a packet and hands it to the decoder, or tells it that there are no more.
  private func sendPacket(to codec: UnsafeMutablePointer<AVCodecContext>) {
    guard let format, let packet else { return }
    let read = ffmpeg.av_read_frame(format, packet)
    guard read >= 0 else {
      // Behind a damaged stretch the demuxer finds its way again, if it is asked again.
      if read != otoscope_averror_eof {
        note(read)
        let position = input?.pointee.pos ?? 0
        vainReads = position == lastPosition ? vainReads + 1 : 0
        lastPosition = position
        if vainReads < Self.mostVainReads { return }
      }
      isDraining = true
      _ = ffmpeg.avcodec_send_packet(codec, nil)
      return
    }
    defer { ffmpeg.av_packet_unref(packet) }
    vainReads = 0
    guard packet.pointee.stream_index == streamIndex else { return }
    correctTime(of: packet)
    guard !isPassedOver(packet.pointee, codec) else { return }
    let isCorrupt = packet.pointee.flags & AV_PKT_FLAG_CORRUPT != 0
    lastIsCut = isCorrupt || formatName == "mp3" && MPEGHeader.isCut(packet.pointee)
    // The last packet of plain samples is "corrupt" wherever it is shorter than the ones before.
    if isCorrupt, !isPlain { troubles += 1 }
    let sent = ffmpeg.avcodec_send_packet(codec, packet)
    if sent < 0 && sent != otoscope_averror_eagain { note(sent) }
  }

  /// Adds the time of the bytes that were lost, where FFmpeg only counts frames.
  private func correctTime(of packet: UnsafeMutablePointer<AVPacket>) {
    guard let lostBytes, packet.pointee.pts != otoscope_no_timestamp else { return }
    let passed = lostBytes.pass(packet.pointee, end: headerDuration == nil ? nil : stream?.pointee.duration)
    if passed.isAfterLoss { troubles += 1 }
    packet.pointee.pts += passed.shift
    packet.pointee.dts = packet.pointee.pts
  }

  private func isPassedOver(_ packet: AVPacket, _ codec: UnsafeMutablePointer<AVCodecContext>) -> Bool {
    guard let until = passedUntil else { return false }
    guard packet.pts != otoscope_no_timestamp, packet.pts >= lastTime ?? packet.pts else {
      lostItsWay = true
      passedUntil = nil
      return false
    }
    lastTime = packet.pts
    guard packet.pts + packet.duration > until else { return true }
    passedUntil = nil
    ffmpeg.avcodec_flush_buffers(codec)
    return false
  }

  var stream: UnsafeMutablePointer<AVStream>? { format?.pointee.streams?[Int(streamIndex)] }

  /// What FFmpeg said of the last failure.
  var lastMessage: String { ffmpeg.message(of: lastFailure) }

  private func note(_ status: Int32) {
    troubles += 1
    lastFailure = status
  }
}

extension MediaFile {
  /// What the file system can tell before FFmpeg is asked.
  private static func check(_ path: String) throws(AudioError) {
    guard path != "-" else { return }
    guard !path.isEmpty, !path.utf8.contains(0) else { throw .notFound(path: path) }
    var information = stat()
    guard path.withPath({ stat($0, &information) }) == 0 else {
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
    let opened = url.withPath { ffmpeg.avio_open2(&input, $0, AVIO_FLAG_READ, nil, &options) }
    guard opened >= 0 else { throw .unreadable(path: path, reason: ffmpeg.message(of: opened)) }

    format = ffmpeg.avformat_alloc_context()
    guard let context = format else { throw .unreadable(path: path, reason: "out of memory") }
    context.pointee.pb = input
    context.pointee.io_open = { _, _, _, _, _ in otoscope_averror_not_permitted }
    _ = ffmpeg.av_dict_set(&options, "protocol_whitelist", isPipe ? "pipe" : "file", 0)
    if wav?.goesOn == true { _ = ffmpeg.av_dict_set(&options, "ignore_length", "1", 0) }
    let status = url.withPath { ffmpeg.avformat_open_input(&format, $0, nil, &options) }
    guard status >= 0, let format else {
      if Self.isUnfinishedMP4(path) {
        throw .unfinished(path: path)
      }
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
    // The check sums of lossless codecs: a frame that fails them is lost, and not noise.
    if [AV_CODEC_ID_FLAC, AV_CODEC_ID_TTA, AV_CODEC_ID_WAVPACK].contains(parameters.pointee.codec_id) {
      codec.pointee.err_recognition |= AV_EF_CRCCHECK | AV_EF_EXPLODE
    }
    codec.pointee.pkt_timebase = stream.pointee.time_base
    var status = ffmpeg.avcodec_parameters_to_context(codec, parameters)
    if status >= 0 { status = ffmpeg.avcodec_open2(codec, decoder, nil) }
    guard status >= 0 else {
      throw .undecodable(path: path, reason: "\(name): \(ffmpeg.message(of: status))")
    }
  }
}

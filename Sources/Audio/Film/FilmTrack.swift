import CFFmpeg

/// One stream of a film that is being written: an encoder and the frame it is fed with, owned and freed.
final class FilmTrack {
  let stream: UnsafeMutablePointer<AVStream>
  let codec: UnsafeMutablePointer<AVCodecContext>
  private let ffmpeg: otoscope_ffmpeg
  private var frame: UnsafeMutablePointer<AVFrame>?

  /// Samples of a frame of sound.
  var frameSize: Int { codec.pointee.frame_size > 0 ? Int(codec.pointee.frame_size) : 1024 }

  init(
    pictures ffmpeg: otoscope_ffmpeg, _ form: FilmForm, in format: UnsafeMutablePointer<AVFormatContext>,
    width: Int, height: Int, rate: Int
  ) throws(AudioError) {
    (stream, codec) = try Self.opened(ffmpeg, form.videoEncoders, in: format) { codec, name in
      codec.pointee.width = Int32(width)
      codec.pointee.height = Int32(height)
      codec.pointee.pix_fmt = AV_PIX_FMT_YUV420P
      codec.pointee.time_base = AVRational(num: 1, den: Int32(rate))
      codec.pointee.framerate = AVRational(num: Int32(rate), den: 1)
      codec.pointee.gop_size = Int32(rate) * 5
      codec.pointee.color_range = AVCOL_RANGE_MPEG
      codec.pointee.colorspace = AVCOL_SPC_BT709
      codec.pointee.color_primaries = AVCOL_PRI_BT709
      codec.pointee.color_trc = AVCOL_TRC_BT709
      // A constant quality, whatever it takes.
      switch name {
      case "libx264":
        _ = ffmpeg.av_opt_set(codec.pointee.priv_data, "preset", "veryfast", 0)
        _ = ffmpeg.av_opt_set(codec.pointee.priv_data, "crf", "18", 0)
      case "libvpx-vp9", "libvpx":
        _ = ffmpeg.av_opt_set(codec.pointee.priv_data, "deadline", "good", 0)
        _ = ffmpeg.av_opt_set(codec.pointee.priv_data, "cpu-used", "5", 0)
        _ = ffmpeg.av_opt_set(codec.pointee.priv_data, "crf", name == "libvpx" ? "10" : "24", 0)
        codec.pointee.bit_rate = name == "libvpx" ? 4_000_000 : 0
      default: codec.pointee.bit_rate = 4_000_000
      }
    }
    self.ffmpeg = ffmpeg
    frame = ffmpeg.av_frame_alloc()
    frame?.pointee.format = AV_PIX_FMT_YUV420P.rawValue
    frame?.pointee.width = Int32(width)
    frame?.pointee.height = Int32(height)
    guard let frame, ffmpeg.av_frame_get_buffer(frame, 0) >= 0 else {
      throw .cannotFilm(reason: "out of memory")
    }
  }

  init(
    sound ffmpeg: otoscope_ffmpeg, _ form: FilmForm, in format: UnsafeMutablePointer<AVFormatContext>,
    rate: Int
  ) throws(AudioError) {
    (stream, codec) = try Self.opened(ffmpeg, form.soundEncoders, in: format) { codec, _ in
      codec.pointee.sample_rate = Int32(rate)
      codec.pointee.time_base = AVRational(num: 1, den: Int32(rate))
      ffmpeg.av_channel_layout_default(&codec.pointee.ch_layout, 1)
      codec.pointee.sample_fmt = Self.sampleFormat(of: codec)
      codec.pointee.bit_rate = 128_000
    }
    self.ffmpeg = ffmpeg
    frame = ffmpeg.av_frame_alloc()
    frame?.pointee.format = codec.pointee.sample_fmt.rawValue
    frame?.pointee.nb_samples = Int32(frameSize)
    frame?.pointee.sample_rate = Int32(rate)
    if let frame { ffmpeg.av_channel_layout_default(&frame.pointee.ch_layout, 1) }
    guard let frame, ffmpeg.av_frame_get_buffer(frame, 0) >= 0 else {
      throw .cannotFilm(reason: "out of memory")
    }
  }

  deinit {
    ffmpeg.av_frame_free(&frame)
    var codec: UnsafeMutablePointer<AVCodecContext>? = codec
    ffmpeg.avcodec_free_context(&codec)
  }

  /// Feeds the encoder a frame that `fill` writes; nil for the end.
  func send(_ fill: ((UnsafeMutablePointer<AVFrame>) -> Void)?) throws(AudioError) {
    var status: Int32 = 0
    if let fill {
      guard let frame, ffmpeg.av_frame_make_writable(frame) >= 0 else {
        throw .cannotFilm(reason: "out of memory")
      }
      fill(frame)
      status = ffmpeg.avcodec_send_frame(codec, frame)
    } else {
      status = ffmpeg.avcodec_send_frame(codec, nil)
    }
    guard status >= 0 else { throw .cannotFilm(reason: ffmpeg.message(of: status)) }
  }

  /// Writes mono samples in the encoder's form.
  static func fill(_ frame: UnsafeMutablePointer<AVFrame>, _ samples: [Float]) {
    guard let start = frame.pointee.data.0 else { return }
    let bytes = UnsafeMutableRawPointer(start)
    if frame.pointee.format == AV_SAMPLE_FMT_S16.rawValue
      || frame.pointee.format == AV_SAMPLE_FMT_S16P.rawValue
    {
      let target = bytes.assumingMemoryBound(to: Int16.self)
      for (place, sample) in samples.enumerated() {
        target[place] = Int16(max(-32768, min(32767, sample * 32768)))
      }
    } else {
      let target = bytes.assumingMemoryBound(to: Float.self)
      for (place, sample) in samples.enumerated() { target[place] = sample }
    }
  }

  /// Of the forms that the encoder takes, the first that `fill` writes: of one channel, planes are like the rest.
  private static func sampleFormat(of codec: UnsafeMutablePointer<AVCodecContext>) -> AVSampleFormat {
    guard var offered = codec.pointee.codec.pointee.sample_fmts else { return AV_SAMPLE_FMT_FLTP }
    let known = [AV_SAMPLE_FMT_FLTP, AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S16P]
    while offered.pointee != AV_SAMPLE_FMT_NONE {
      if known.contains(offered.pointee) { return offered.pointee }
      offered += 1
    }
    return AV_SAMPLE_FMT_FLTP
  }

  /// A stream with the first encoder that there is and that opens.
  private static func opened(
    _ ffmpeg: otoscope_ffmpeg, _ names: [String], in format: UnsafeMutablePointer<AVFormatContext>,
    _ configure: (UnsafeMutablePointer<AVCodecContext>, _ name: String) -> Void
  ) throws(AudioError) -> (UnsafeMutablePointer<AVStream>, UnsafeMutablePointer<AVCodecContext>) {
    var reason = "FFmpeg was built without an encoder for it: \(names.joined(separator: ", "))"
    for name in names {
      guard let encoder = ffmpeg.avcodec_find_encoder_by_name(name),
        let codec = ffmpeg.avcodec_alloc_context3(encoder)
      else { continue }
      configure(codec, name)
      codec.pointee.thread_count = 2
      codec.pointee.flags |= otoscope_codec_flag_global_header | AV_CODEC_FLAG_BITEXACT
      var status = ffmpeg.avcodec_open2(codec, encoder, nil)
      if status >= 0, let stream = ffmpeg.avformat_new_stream(format, nil) {
        stream.pointee.time_base = codec.pointee.time_base
        stream.pointee.avg_frame_rate = codec.pointee.framerate
        status = ffmpeg.avcodec_parameters_from_context(stream.pointee.codecpar, codec)
        if status >= 0 { return (stream, codec) }
      }
      reason = "\(name): \(ffmpeg.message(of: status))"
      var failed: UnsafeMutablePointer<AVCodecContext>? = codec
      ffmpeg.avcodec_free_context(&failed)
    }
    throw .cannotFilm(reason: reason)
  }
}

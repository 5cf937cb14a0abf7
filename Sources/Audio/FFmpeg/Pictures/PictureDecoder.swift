import CFFmpeg

/// FFmpeg's decoder of one picture, owned and freed.
final class PictureDecoder {
  private let ffmpeg: otoscope_ffmpeg
  private let scaler: otoscope_swscale
  private let format: PictureFormat
  private let path: String
  private var codec: UnsafeMutablePointer<AVCodecContext>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private var frame: UnsafeMutablePointer<AVFrame>?

  init(_ format: PictureFormat, _ path: String) throws(PictureError) {
    (self.format, self.path) = (format, path)
    do throws(AudioError) {
      ffmpeg = try FFmpeg.loaded()
    } catch {
      guard case .noFFmpeg(let reason) = error else { throw .noLibrary(reason: "\(error)") }
      throw .noLibrary(reason: reason)
    }
    scaler = try FFmpeg.loadedScaler()
    packet = ffmpeg.av_packet_alloc()
    frame = ffmpeg.av_frame_alloc()
    guard let decoder = ffmpeg.avcodec_find_decoder(format.codec) else {
      throw failure("FFmpeg was built without a decoder for it")
    }
    codec = ffmpeg.avcodec_alloc_context3(decoder)
    guard let codec else { throw failure("out of memory") }
    codec.pointee.thread_count = 1
    // What is damaged or cut short is refused, not filled with grey.
    codec.pointee.err_recognition |= AV_EF_CRCCHECK | AV_EF_EXPLODE
    codec.pointee.max_pixels = Int64(DecodedPicture.mostPixels)
    let status = ffmpeg.avcodec_open2(codec, decoder, nil)
    guard status >= 0 else { throw failure(ffmpeg.message(of: status)) }
  }

  deinit {
    ffmpeg.av_frame_free(&frame)
    ffmpeg.av_packet_free(&packet)
    ffmpeg.avcodec_free_context(&codec)
  }

  private func failure(_ reason: String) -> PictureError {
    .undecodable(path: path, format: format.rawValue, reason: reason)
  }

  /// The first picture of the file.
  func decode(_ bytes: [UInt8]) throws(PictureError) -> ColourGrid {
    guard let codec, let packet, let frame else { throw failure("out of memory") }
    // Decoders read a little beyond the end.
    var padded = bytes + [UInt8](repeating: 0, count: Int(otoscope_input_padding))
    var status: Int32 = padded.withUnsafeMutableBufferPointer { padded in
      packet.pointee.data = padded.baseAddress
      packet.pointee.size = Int32(bytes.count)
      // What a packet does not own is copied.
      let sent = ffmpeg.avcodec_send_packet(codec, packet)
      packet.pointee.data = nil
      packet.pointee.size = 0
      return sent
    }
    if status >= 0 {
      _ = ffmpeg.avcodec_send_packet(codec, nil)
      status = ffmpeg.avcodec_receive_frame(codec, frame)
    }
    guard status >= 0 else {
      throw failure(status == otoscope_averror_eof ? "there is no picture in it" : ffmpeg.message(of: status))
    }
    let (width, height) = (Int(frame.pointee.width), Int(frame.pointee.height))
    guard width > 0, height > 0, width * height <= DecodedPicture.mostPixels else {
      throw failure("\(width) x \(height) pixels")
    }
    return try colours(of: frame, width, height)
  }

  /// How the picture has to be turned: FFmpeg's display matrix of the frame, made of what EXIF says.
  var orientation: ColourGrid.Orientation {
    guard let frame, let data = ffmpeg.av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX),
      data.pointee.size >= 9 * MemoryLayout<Int32>.size, let bytes = data.pointee.data
    else { return .asIs }
    let matrix = UnsafeRawPointer(bytes)
    func sign(_ place: Int) -> Int {
      Int(matrix.loadUnaligned(fromByteOffset: place * MemoryLayout<Int32>.size, as: Int32.self).signum())
    }
    return ColourGrid.Orientation(xx: sign(0), xy: sign(1), yx: sign(3), yy: sign(4))
  }

  /// The frame's colours as red, green, blue and opacity, whatever they are stored as.
  private func colours(of frame: UnsafeMutablePointer<AVFrame>, _ width: Int, _ height: Int)
    throws(PictureError) -> ColourGrid
  {
    let format = AVPixelFormat(rawValue: frame.pointee.format)
    // Rounded and upsampled with care: the numbers go to a network.
    let flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT
    guard
      let context = scaler.sws_getContext(
        Int32(width), Int32(height), format, Int32(width), Int32(height), AV_PIX_FMT_RGBA, flags, nil, nil,
        nil)
    else { throw failure("FFmpeg cannot convert its colours") }
    defer { scaler.sws_freeContext(context) }
    let data = frame.pointee.data
    let source: [UnsafePointer<UInt8>?] = [data.0, data.1, data.2, data.3].map {
      $0.map { UnsafePointer($0) }
    }
    let lines = frame.pointee.linesize
    let strides = [lines.0, lines.1, lines.2, lines.3]
    // Lines are written in whole vectors.
    let stride = (4 * width + 63) / 64 * 64
    var rows = [UInt8](repeating: 0, count: stride * height + 64)
    let written: Int32 = rows.withUnsafeMutableBufferPointer { rows in
      let target = [rows.baseAddress, nil, nil, nil]
      return scaler.sws_scale(context, source, strides, 0, Int32(height), target, [Int32(stride), 0, 0, 0])
    }
    guard Int(written) == height else { throw failure("FFmpeg cannot convert its colours") }
    return ColourGrid(width: width, height: height, stride: stride, bytes: rows)
  }
}

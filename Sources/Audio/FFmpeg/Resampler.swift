import CFFmpeg

/// One channel resampled as a stream: the output does not depend on how the input is cut.
///
/// FFmpeg's swresample with the SoX engine at 20 bits and a pass band up to 91.4 % of the lower Nyquist frequency,
/// linear phase: what `librosa.load` calls `soxr_hq`. Where FFmpeg was built without SoX, its own polyphase filter,
/// made long. `n` samples become `⌈n · to / from⌉`.
final class Resampler {
  private let ffmpeg: otoscope_ffmpeg
  private var context: OpaquePointer?
  private let from: Int
  private let to: Int
  private var received = 0
  private var delivered = 0

  init(from: Int, to: Int) throws(AudioError) {
    (self.from, self.to) = (from, to)
    ffmpeg = try FFmpeg.loaded()
    guard Limits.sampleRates.contains(to), Limits.sampleRates.contains(from) else {
      let range = "\(Limits.sampleRates.lowerBound) to \(Limits.sampleRates.upperBound) Hz"
      throw .cannotResample(from: from, to: to, reason: "rates from \(range) are supported")
    }
    guard from != to else { return }
    var status = configure(engine: SWR_ENGINE_SOXR)
    if status < 0 { status = configure(engine: SWR_ENGINE_SWR) }
    guard status >= 0 else { throw .cannotResample(from: from, to: to, reason: ffmpeg.message(of: status)) }
  }

  deinit { ffmpeg.swr_free(&context) }

  /// What of the output is known once `samples` have come.
  func push(_ samples: [Float]) throws(AudioError) -> [Float] {
    received += samples.count
    guard context != nil else { return samples }
    let output = try samples.withUnsafeBufferPointer { buffer throws(AudioError) in try convert(buffer) }
    delivered += output.count
    return output
  }

  /// The rest of the output; nothing may be pushed afterwards.
  func finish() throws(AudioError) -> [Float] {
    guard context != nil else { return [] }
    let wanted = resampledCount(received, from: from, to: to) - delivered
    var rest = [Float]()
    while rest.count < wanted {
      let part = try convert(nil)
      if part.isEmpty { break }
      rest += part
    }
    if rest.count < wanted { rest += [Float](repeating: 0, count: wanted - rest.count) }
    return Array(rest.prefix(max(wanted, 0)))
  }

  private func configure(engine: SwrEngine) -> Int32 {
    ffmpeg.swr_free(&context)
    var input = AVChannelLayout()
    ffmpeg.av_channel_layout_default(&input, 1)
    var output = input
    let status = ffmpeg.swr_alloc_set_opts2(
      &context, &output, AV_SAMPLE_FMT_FLTP, Int32(to), &input, AV_SAMPLE_FMT_FLTP, Int32(from), 0, nil)
    guard status >= 0, let context else { return status }
    let options = UnsafeMutableRawPointer(context)
    _ = ffmpeg.av_opt_set_int(options, "resampler", Int64(engine.rawValue), 0)
    if engine == SWR_ENGINE_SOXR {
      _ = ffmpeg.av_opt_set_double(options, "precision", 20, 0)
      _ = ffmpeg.av_opt_set_double(options, "cutoff", 0.913628, 0)
    } else {
      _ = ffmpeg.av_opt_set_int(options, "filter_size", 64, 0)
      _ = ffmpeg.av_opt_set_double(options, "cutoff", 0.95, 0)
    }
    return ffmpeg.swr_init(context)
  }

  private func convert(_ samples: UnsafeBufferPointer<Float>?) throws(AudioError) -> [Float] {
    guard let context else { return [] }
    let count = Int32(samples?.count ?? 0)
    let room = max(0, ffmpeg.swr_get_out_samples(context, count)) + 256
    var status: Int32 = 0
    let output = [Float](unsafeUninitializedCapacity: Int(room)) { buffer, filled in
      var target = UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: UInt8.self)
      if let samples {
        var source = UnsafeRawPointer(samples.baseAddress)?.assumingMemoryBound(to: UInt8.self)
        status = ffmpeg.swr_convert(context, &target, room, &source, count)
      } else {
        status = ffmpeg.swr_convert(context, &target, room, nil, 0)
      }
      filled = Int(max(status, 0))
    }
    guard status >= 0 else { throw .cannotResample(from: from, to: to, reason: ffmpeg.message(of: status)) }
    return output
  }
}

/// `⌈count · to / from⌉`
func resampledCount(_ count: Int, from: Int, to: Int) -> Int {
  let (high, low) = count.multipliedFullWidth(by: to)
  let (quotient, remainder) = from.dividingFullWidth((high, low))
  return quotient + (remainder > 0 ? 1 : 0)
}

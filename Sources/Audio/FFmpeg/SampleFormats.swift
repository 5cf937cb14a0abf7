import CFFmpeg

/// A decoded frame's samples as planar floats, whole numbers divided by their full scale; nil where the format is
/// none of FFmpeg's twelve.
func planarFloats(of frame: AVFrame) -> [[Float]]? {
  switch AVSampleFormat(rawValue: frame.format) {
  case AV_SAMPLE_FMT_U8: packed(frame) { (x: UInt8) in (Float(x) - 128) / 128 }
  case AV_SAMPLE_FMT_U8P: planar(frame) { (x: UInt8) in (Float(x) - 128) / 128 }
  case AV_SAMPLE_FMT_S16: packed(frame) { (x: Int16) in Float(x) / 0x1p15 }
  case AV_SAMPLE_FMT_S16P: planar(frame) { (x: Int16) in Float(x) / 0x1p15 }
  case AV_SAMPLE_FMT_S32: packed(frame) { (x: Int32) in Float(x) / 0x1p31 }
  case AV_SAMPLE_FMT_S32P: planar(frame) { (x: Int32) in Float(x) / 0x1p31 }
  case AV_SAMPLE_FMT_S64: packed(frame) { (x: Int64) in Float(x) / 0x1p63 }
  case AV_SAMPLE_FMT_S64P: planar(frame) { (x: Int64) in Float(x) / 0x1p63 }
  case AV_SAMPLE_FMT_FLT: packed(frame) { (x: Float) in x }
  case AV_SAMPLE_FMT_FLTP: planar(frame) { (x: Float) in x }
  case AV_SAMPLE_FMT_DBL: packed(frame) { (x: Double) in Float(x) }
  case AV_SAMPLE_FMT_DBLP: planar(frame) { (x: Double) in Float(x) }
  default: nil
  }
}

private func planar<Sample>(_ frame: AVFrame, _ convert: (Sample) -> Float) -> [[Float]]? {
  guard let planes = frame.extended_data else { return nil }
  let count = Int(frame.nb_samples)
  var channels = [[Float]]()
  for channel in 0..<Int(frame.ch_layout.nb_channels) {
    guard let plane = planes[channel] else { return nil }
    let samples = UnsafeRawPointer(plane).assumingMemoryBound(to: Sample.self)
    channels.append(
      [Float](unsafeUninitializedCapacity: count) { buffer, filled in
        for index in 0..<count { buffer.initializeElement(at: index, to: convert(samples[index])) }
        filled = count
      })
  }
  return channels
}

private func packed<Sample>(_ frame: AVFrame, _ convert: (Sample) -> Float) -> [[Float]]? {
  guard let plane = frame.extended_data?[0] else { return nil }
  let samples = UnsafeRawPointer(plane).assumingMemoryBound(to: Sample.self)
  let count = Int(frame.nb_samples)
  let width = Int(frame.ch_layout.nb_channels)
  return (0..<width).map { channel in
    [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      for index in 0..<count {
        buffer.initializeElement(at: index, to: convert(samples[index * width + channel]))
      }
      filled = count
    }
  }
}

public import Audio
import Glibc
public import Models
import Tensors

/// How strong an attribution of samples is over time: one number a frame, smooth enough to be a gain.
extension AudioModel {
  /// Where the frames of envelopes lie: those of the front end's transform, or of the STFT that stands in for it.
  public var envelopeAxes: PictureAxes { hearsMagnitudes ? frontEnd.axes : spectrumAxes }

  /// How many frames the envelope of so many samples has.
  func envelopeFrames(samples count: Int) -> Int { spectrumFrames(samples: count) }

  /// The mean of `|a|` under a periodic Hann window around each frame's centre; beyond the ends lie zeros.
  func envelope(of attribution: Tensor) -> Tensor {
    let axes = envelopeAxes
    let window = max(1, Int((axes.window * Double(sampleRate)).rounded()))
    let weights = (0..<window).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(window)) }
    let whole = weights.reduce(0, +)
    let frames = envelopeFrames(samples: attribution.count)
    return attribution.withUnsafeValues { values in
      Tensor(
        [frames],
        (0..<frames).map { frame in
          let centre = axes.time(ofFrame: frame) * Double(sampleRate)
          let start = Int((centre - Double(window) / 2).rounded())
          let known = max(0, -start)..<max(max(0, -start), min(window, values.count - start))
          let sum = known.reduce(0.0) { $0 + weights[$1] * Double(abs(values[start + $1])) }
          return whole > 0 ? Float(sum / whole) : 0
        })
    }
  }

  /// The frame whose centre is nearest to a sample.
  func nearestFrame(toSample index: Int, of frames: Int) -> Int {
    let place = envelopeAxes.frame(at: Double(index) / Double(sampleRate)).rounded()
    return Int(min(max(place, 0), Double(frames - 1)))
  }
}

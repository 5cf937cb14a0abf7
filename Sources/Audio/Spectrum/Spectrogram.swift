package import Tensors

/// A sound's complex spectrum, frame by frame, and the way back.
///
/// `X[t, k] = Σ_n w[n] x[t·hop + n − size/2] e^(−2πi kn/size)`, with a periodic Hann window `w`, zeros before the first
/// sample and after the last, and `1 + ⌊samples / hop⌋` frames: `librosa.stft` (`center=True`, `pad_mode="constant"`).
package struct Spectrogram {
  let grid: FrameGrid
  /// Real and imaginary parts, `[frames, bins, 2]`.
  private(set) var parts: Tensor

  var size: Int { grid.size }
  var hop: Int { grid.hop }
  var frames: Int { grid.frames }
  var bins: Int { grid.bins }

  package init(_ samples: [Float], size: Int = 2048, hop: Int = 512) {
    grid = FrameGrid(hann: size, hop: hop, count: samples.count)
    parts = grid.spectrum(of: samples)
  }

  /// `|X|`, `[frames, bins]`.
  package var magnitudes: Tensor {
    Tensor(unsafeUninitialized: [frames, bins]) { result in
      parts.withUnsafeValues { parts in
        for place in result.indices {
          let (real, imaginary) = (parts[2 * place], parts[2 * place + 1])
          result[place] = (real * real + imaginary * imaginary).squareRoot()
        }
      }
    }
  }

  /// The same times a gain, `[frames, bins]`.
  func scaled(by gain: Tensor) -> Spectrogram {
    var result = self
    result.parts.withUnsafeMutableValues { parts in
      gain.withUnsafeValues { gain in
        for place in gain.indices {
          parts[2 * place] *= gain[place]
          parts[2 * place + 1] *= gain[place]
        }
      }
    }
    return result
  }

  /// The sound whose frames come nearest: frames weighted by the window once more, added up, and divided by the sum of
  /// the squared windows. `librosa.istft`.
  var samples: [Float] { grid.samples(of: parts) }
}

import Glibc
import Tensors

/// A network on samples that carries its front end inside.
public enum InnerPictureONNX {
  /// In hertz.
  public static let rate = 8000
  /// The samples of a patch.
  public static let length = 8000

  /// Frames by convolutions with cosines and sines, their power, bands, a logarithm; then a convolution over the picture,
  /// and classes.
  ///
  /// - Parameters:
  ///   - isFlipped: bands from high to low.
  ///   - pictures: how many spectrograms stand side by side as channels, each shifted up a little.
  public static func file(isFlipped: Bool = false, pictures: Int = 1) -> HandmadeONNX {
    var file = HandmadeONNX(input: "samples", ["N", 1, 1, .fixed(length)])
    for index in 0..<pictures {
      spectrogram(&file, "picture \(index)", isFlipped: isFlipped, shift: 20 * index)
    }
    if pictures > 1 {
      file.add("Concat", (0..<pictures).map { "picture \($0)" }, "pictures", axis: 1)
    }
    file.add(
      "Conv", [pictures > 1 ? "pictures" : "picture 0"], "features",
      weights: [
        Tensor([4, pictures, 3, 3], (0..<36 * pictures).map { Float(sin(Double($0) * 1.7)) }),
        Tensor([4], [0.1, -0.2, 0.3, 0]),
      ], ["kernel_shape": [3, 3], "pads": [1, 1, 1, 1]])
    file.add("Relu", ["features"], "layer")
    file.add("GlobalAveragePool", ["layer"], "means")
    file.add("Flatten", ["means"], "embedding")
    file.add(
      "MatMul", ["embedding"], "logits", weights: [Tensor([4, 2], [1, -1, 0.5, 2, -1, 1, 0.3, -0.4])])
    return file
  }

  /// `[N, 1, frames, bands]`: 24 bands of 4 bins each, from bin `shift` on, of frames of 256 samples every 100.
  private static func spectrogram(_ file: inout HandmadeONNX, _ name: String, isFlipped: Bool, shift: Int) {
    let (size, bins, bands) = (256, 128, 24)
    func filters(_ wave: (Double) -> Double) -> Tensor {
      Tensor(
        [bins, 1, 1, size],
        (0..<bins).flatMap { bin in
          (0..<size).map { index in
            let turn = 2 * Double.pi * Double(index) / Double(size)
            return Float((0.5 - 0.5 * cos(turn)) * wave(turn * Double(bin)))
          }
        })
    }
    for (part, weights) in [("real", filters { cos($0) }), ("imaginary", filters { -sin($0) })] {
      file.add("Conv", ["samples"], "\(name) \(part)", weights: [weights], ["strides": [1, 100]])
      file.add("Mul", ["\(name) \(part)", "\(name) \(part)"], "\(name) \(part) squared")
    }
    file.add("Add", ["\(name) real squared", "\(name) imaginary squared"], "\(name) power")
    file.add("Transpose", ["\(name) power"], "\(name) frames", ["perm": [0, 2, 3, 1]])
    var weights = [Float](repeating: 0, count: bins * bands)
    for bin in 0..<4 * bands {
      weights[(bin + shift) * bands + (isFlipped ? bands - 1 - bin / 4 : bin / 4)] = 1
    }
    file.add("MatMul", ["\(name) frames"], "\(name) bands", weights: [Tensor([bins, bands], weights)])
    file.add("Add", ["\(name) bands"], "\(name) raised", weights: [Tensor([1], [0.01])])
    file.add("Log", ["\(name) raised"], name)
  }
}

import Glibc
import Models
import Tensors

/// What a dream from nothing begins with: noise of all sizes, as photographs have it: each octave of detail half as strong as
/// the next coarser one, around a middle grey.
struct DreamNoise {
  let seed: UInt64

  /// Grey levels of the coarsest octave, either way.
  private static let strength: Float = 28
  private static let middle: Float = 118

  func fill(_ canvas: PictureCanvas) {
    var random = SplitMix64(seed: seed &+ 0x6472_6561_6D)
    for place in canvas.values.indices { canvas.values[place] = Self.middle }
    var cells = 3
    var strength = Self.strength
    let longest = max(canvas.width, canvas.height)
    while cells < 2 * longest {
      // Colours differ less than brightness does.
      let (rows, columns) = (
        max(2, cells * canvas.height / longest), max(2, cells * canvas.width / longest)
      )
      func grid() -> [Float] { (0..<rows * columns).map { _ in Float.random(in: -1...1, using: &random) } }
      let grey = grid()
      let resampling = PlaneResampling(from: (columns, rows), to: (canvas.width, canvas.height))
      for colour in 0..<3 {
        let own = grid()
        let mixed = zip(grey, own).map { 0.8 * $0 + 0.4 * $1 }
        add(mixed, resampling, strength, to: canvas, colour)
      }
      cells *= 2
      strength *= 0.7
    }
    for place in canvas.values.indices { canvas.values[place] = min(max(canvas.values[place], 0), 255) }
  }

  private func add(
    _ grid: [Float], _ resampling: PlaneResampling, _ strength: Float, to canvas: PictureCanvas, _ colour: Int
  ) {
    var scratch = [Float](repeating: 0, count: resampling.scratchCount)
    var plane = [Float](repeating: 0, count: canvas.pixels)
    grid.withUnsafeBufferPointer { grid in
      scratch.withUnsafeMutableBufferPointer { scratch in
        plane.withUnsafeMutableBufferPointer { plane in
          guard let source = grid.baseAddress, let target = plane.baseAddress,
            let between = scratch.baseAddress
          else {
            return
          }
          resampling(source, target, scratch: between)
        }
      }
    }
    let start = colour * canvas.pixels
    for place in plane.indices { canvas.values[start + place] += strength * plane[place] }
  }
}

/// Colours turned around the grey axis, and drawn towards it or away from it.
struct ColourTurn {
  private let own: Float
  private let next: Float
  private let last: Float

  /// - Parameter hue: in degrees.
  init(saturation: Float, hue: Float) {
    // Rodrigues' rotation around (1, 1, 1), its part across the axis scaled.
    let angle = hue * .pi / 180
    let (c, s) = (cos(angle) * saturation, sin(angle) * saturation / Float(3).squareRoot())
    own = (1 + 2 * c) / 3
    next = (1 - c) / 3 - s
    last = (1 - c) / 3 + s
  }

  func turned(_ red: Float, _ green: Float, _ blue: Float) -> (red: Float, green: Float, blue: Float) {
    (
      own * red + next * green + last * blue, last * red + own * green + next * blue,
      next * red + last * green + own * blue
    )
  }
}

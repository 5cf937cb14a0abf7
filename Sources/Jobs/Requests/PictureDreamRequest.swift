package import Graphs
package import Probe

/// What is to be drawn out of pictures.
package struct DreamGoals: Codable, Sendable, Hashable {
  /// Of the image network; empty for its usual one, where nothing else is named.
  package var layers: [TensorName] = []
  /// A share for each layer; empty for equal ones.
  package var weights: [Float] = []
  /// Of the one layer; nil for layers as a whole.
  package var channels: ChannelChoice?
  /// Labels or numbers of the network's classes, or classes of sound as a seed book knows them.
  package var targets: [String] = []
  /// The path of a picture that a layer's activations follow.
  package var guide: String?
  /// A folder of the user's pictures of sound classes; nil for the bundled book.
  package var seeds: String?

  package init() {}
}

/// How pictures are changed: what `dream` and `dream render` have in common.
package struct PictureDreamSettings: Codable, Sendable, Hashable {
  /// The longer side in pixels; nil for the picture's own up to ``ownSize``, and ``noiseSize`` from noise.
  package var size: Int?
  package var octaves: Octaves
  /// In each octave.
  package var steps: Int
  package var step: PictureStep
  /// How much of the border is cropped between two frames, in pixels.
  package var zoom: Int
  package var frames: Int
  /// Frames of a film in a second.
  package var rate: Int

  package init() {
    size = nil
    octaves = Octaves(count: 6, scale: 1.4)
    steps = 20
    step = PictureStep(size: 4, totalVariation: 0.2)
    zoom = 2
    frames = 1
    rate = 12
  }

  package static let ownSize = 512
  package static let noiseSize = 224
  package static let sizes = 32...2048

  /// The width and height of a dream of a picture of that size.
  package func extent(of width: Int, _ height: Int) -> (width: Int, height: Int) {
    let longest = max(width, height)
    let wanted = size ?? min(longest, Self.ownSize)
    func scaled(_ side: Int) -> Int {
      max(Self.sizes.lowerBound, Int((Double(side) * Double(wanted) / Double(longest)).rounded()))
    }
    return (scaled(width), scaled(height))
  }

  /// The same step with random numbers of its own for a frame.
  package func step(ofFrame frame: Int) -> PictureStep {
    var step = step
    step.seed = step.seed &+ UInt64(frame) &* 0x9E37_79B9_7F4A_7C15
    return step
  }

  /// Steps in each octave, the smallest first.
  package var counts: [Int] { [Int](repeating: steps, count: octaves.count) }
}

/// Dreams upon pictures.
package struct PictureDreamRequest: Codable, Sendable, Hashable {
  /// Paths; empty for one dream from noise.
  package var pictures: [String]
  package var model: String
  package var goals = DreamGoals()
  package var settings = PictureDreamSettings()
  package var makesFilms = false
  /// Whether the colours are also written without rounding, for NumPy.
  package var keepsArrays = false
  /// The path of a sound under the films.
  package var sound: String?

  package init(pictures: [String], model: String) { (self.pictures, self.model) = (pictures, model) }
}

/// A sequence of frames for each of many classes, made beforehand.
package struct RenderRequest: Codable, Sendable, Hashable {
  package var model: String
  /// Classes of sound as the seed book knows them, or of the image network; empty for those of the book that have a picture.
  package var classes: [String]
  /// A folder of the user's pictures; nil for the bundled book.
  package var seeds: String?
  package var settings = PictureDreamSettings()
  package var makesFilms = true
  /// Whether each class begins with its picture, where it has one, instead of noise.
  package var startsWithPicture = false

  package init(model: String, classes: [String]) { (self.model, self.classes) = (model, classes) }
}

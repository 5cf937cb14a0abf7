package import Figures
import Files
package import Models
package import Probe
package import Tensors

/// A picture that was dreamt upon, and what the network sees in it before and after.
package struct DreamtPicture: Sendable {
  /// How its files' names begin, without the ending.
  package let stem: String
  /// For people: the file's name, or "noise".
  package let title: String
  package let before: RGBPicture
  package let after: RGBPicture
  /// The colours of the dream without rounding, 0 to 255, `[3, height, width]`; nil where nobody wants them.
  package let values: Tensor?
  /// From the beginning to the end.
  package let stages: [RGBPicture]
  /// The frames of a film, in order; empty where none is made.
  package let way: [RGBPicture]
  /// The objective before each step.
  package let curve: [Double]
  package let record: PictureDreamRecord

  package init(
    stem: String, title: String, before: RGBPicture, after: RGBPicture, stages: [RGBPicture],
    way: [RGBPicture],
    curve: [Double], record: PictureDreamRecord, values: Tensor? = nil
  ) {
    (self.stem, self.title, self.before, self.after) = (stem, title, before, after)
    (self.stages, self.way, self.curve, self.record, self.values) = (stages, way, curve, record, values)
  }
}

/// A class of an image network and its probability.
package struct SeenClass: Codable, Sendable, Hashable {
  package let index: Int
  package let label: String
  package let probability: Double

  package init(_ index: Int, _ label: String, _ probability: Double) {
    (self.index, self.label, self.probability) = (index, label, probability)
  }
}

/// What `dream` made of a picture, on a line of JSON.
package struct PictureDreamRecord: Codable, Sendable {
  /// As the user named it; null for noise.
  @OrNull package var picture: String?
  package var model: String
  /// What was drawn out.
  package var wish: String
  package var width: Int
  package var height: Int
  package var octaves: Int
  package var scale: Double
  /// In each octave.
  package var steps: Int
  /// In grey levels.
  package var step: Float
  /// In pixels.
  package var jitter: Int
  package var totalVariation: Float
  package var frames: Int
  /// Pixels cropped from each border between two frames.
  package var zoom: Int
  package var seed: UInt64
  /// The objective before the first step and before the last, in the last octave.
  @OrNull package var first: Double?
  @OrNull package var last: Double?
  /// The median time of a step of the full size, in seconds; null where there was one step only.
  @OrNull package var stepSeconds: Double?
  /// What the network sees in the picture and in the dream; the likeliest first.
  package var before: [SeenClass]
  package var after: [SeenClass]
  package var files: [String]

  private enum CodingKeys: String, CodingKey {
    case picture, model, wish, width, height, octaves, scale, steps, step, jitter, frames, zoom, seed, first,
      last, before
    case after, files
    case totalVariation = "tv"
    case stepSeconds = "step_s"
  }

  package init(
    picture: String?, model: String, wish: String, width: Int, height: Int, octaves: Octaves, steps: Int,
    step: PictureStep,
    frames: Int, zoom: Int, first: Double?, last: Double?, stepSeconds: Double?, before: [SeenClass],
    after: [SeenClass],
    files: [String]
  ) {
    (self.picture, self.model, self.wish, self.width, self.height) = (picture, model, wish, width, height)
    (self.octaves, scale, self.steps) = (octaves.count, octaves.scale, steps)
    (self.step, jitter, totalVariation, seed) = (step.size, step.jitter, step.totalVariation, step.seed)
    (self.frames, self.zoom, self.first, self.last) = (frames, zoom, first?.finite, last?.finite)
    (self.stepSeconds, self.before, self.after, self.files) = (stepSeconds, before, after, files)
  }
}

extension RGBPicture {
  /// For files and pages.
  package var photograph: Photograph { Photograph(width: width, height: height, pixels: pixels) }

  /// As a file, pixel for pixel.
  package func png() throws -> [UInt8] { try photograph.png() }
}

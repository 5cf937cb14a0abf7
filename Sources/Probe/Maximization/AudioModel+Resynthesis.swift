import Audio
package import Explain
package import Models
package import Tensors

extension AudioModel {
  /// A sound that has the given picture, or as nearly as one can: mono at the model's rate, at most full scale.
  ///
  /// Of a front end's picture by least squares and Griffin-Lim (``FrontEnd/sound(fromPicture:like:samples:iterations:seed:progress:)``);
  /// of one that the network makes inside by descent on the samples (``InnerPictureSearch``); samples are their own picture.
  ///
  /// - Parameters:
  ///   - picture: `[frames, bands]`.
  ///   - original: samples whose picture was changed into it.
  /// - Throws: `AudioError.noSoundOfPicture`; `Cancelled`.
  package func sound(
    ofPicture picture: Tensor, like original: [Float]? = nil, seed: UInt64 = 0,
    control: RunControl = RunControl()
  ) throws -> [Float] {
    let made: [Float]
    if hasInnerPicture {
      made = try InnerPictureSearch(self).sound(of: picture, like: original, seed: seed, control: control)
    } else if !hasPicture {
      made = picture.values
    } else {
      made = try frontEnd.sound(fromPicture: picture, like: original, seed: seed) { share in
        try control.report(Int(share * 1000), of: 1000)
      }
    }
    let peak = made.reduce(Float(0)) { max($0, abs($1)) }
    return peak > 1 ? made.map { $0 / peak } : made
  }
}

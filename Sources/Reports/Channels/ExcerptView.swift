package import Audio
package import Catalogue
import Files
import Glibc
package import Models
package import Tensors

/// How excerpts of sounds are drawn: all equally long, in the bands that the model hears where these are evenly spaced in time,
/// else in mel bands of its rate.
package struct ExcerptView: Sendable {
  private let frontEnd: FrontEnd
  package let bandCentres: [Double]
  /// From frame to frame, in seconds.
  package let hop: Double
  /// Of every excerpt, an odd number.
  package let frames: Int
  /// What the values are.
  package let valueLabel: String

  /// Seconds that an excerpt shows at least, and at most.
  private static let shortest = 0.5
  private static let longest = 10.0

  /// - Parameter seconds: what a place sees.
  package init(of model: AudioModel, seconds: Double) {
    let own = model.frontEnd
    let axes = model.axes
    let isPlain =
      !own.isSamples && !model.hasInnerPicture && axes.panels.count == 1 && axes.block == nil
      && model.channelCount == 1
    frontEnd = isPlain ? own : model.sampleRate > 24_000 ? .clap : .yamnet
    valueLabel = isPlain ? "network input" : "log-mel energy"
    bandCentres = frontEnd.axes.bandCentres
    hop = frontEnd.axes.hop
    let shown = min(max(1.25 * seconds, Self.shortest), Self.longest)
    frames = 2 * Int((shown / 2 / hop).rounded(.up)) + 1
  }

  /// Half of what an excerpt shows, in seconds.
  package var reach: Double { Double(frames / 2) * hop }

  /// A sound around `centre` seconds: `[frames, bands]`, the middle one centred there. Beyond the sound's ends stands the
  /// lowest value of what is within.
  ///
  /// - Throws: what reading the sound throws.
  package func picture(_ path: String, around centre: Double) throws -> Tensor {
    let margin = 0.25
    let start = max(0, centre - reach - margin)
    let recording = try Recording.read(path, from: start, duration: centre + reach + margin - start)
    let samples = try recording.mono(at: frontEnd.sampleRate)
    let picture = frontEnd.logMel(samples)
    let axes = frontEnd.axes
    let inside = min(picture.shape[0], max(1, Int(axes.frame(at: recording.duration).rounded(.up))))
    let bands = picture.shape[1]
    let lowest = picture.withUnsafeValues { $0.prefix(inside * bands).min() ?? 0 }
    return Tensor(unsafeUninitialized: [frames, bands]) { result in
      picture.withUnsafeValues { values in
        for frame in 0..<frames {
          let time = centre + Double(frame - frames / 2) * hop - start
          let place = Int(axes.frame(at: time).rounded())
          for band in 0..<bands {
            result[frame * bands + band] =
              (0..<inside).contains(place) ? values[place * bands + band] : lowest
          }
        }
      }
    }
  }

  /// Seconds of sound before and behind a place.
  private static let context = 0.1
  /// Of the fades at both ends, in seconds.
  private static let fade = 0.01

  /// The sound of a place, with a little of what is around it and soft ends.
  ///
  /// - Throws: what reading the sound throws.
  package func sound(_ exemplar: Exemplar) throws -> Recording {
    let length = exemplar.end - exemplar.start
    let around = max(Self.context, (Self.shortest - length) / 2)
    let start = max(0, exemplar.start - around)
    let recording = try Recording.read(
      exemplar.file.path, from: start, duration: exemplar.end + around - start)
    return recording.faded(seconds: Self.fade).scaledToFullScaleIfLouder()
  }
}

extension Recording {
  /// With raised-cosine fades at both ends, each at most half as long as the sound.
  package func faded(seconds: Double) -> Recording {
    let length = min(frames / 2, Int(seconds * Double(sampleRate)))
    guard length > 0 else { return self }
    // Half a Hann window: 0 at the very end, 1 where the sound is left as it is.
    let gains = (0..<length).map { index in
      Float(0.5 - 0.5 * cos(.pi * Double(index) / Double(length)))
    }
    let faded = channels.map { channel in
      var channel = channel
      for (index, gain) in gains.enumerated() {
        channel[index] *= gain
        channel[channel.count - 1 - index] *= gain
      }
      return channel
    }
    return Recording(channels: faded, sampleRate: sampleRate, flaws: flaws)
  }
}

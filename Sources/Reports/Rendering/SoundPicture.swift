package import Audio
import Explain
package import Figures
import Glibc
package import Models
package import Tensors

/// Draws pictures that no clip belongs to: maximized inputs and dreams, and the way to them as films.
package struct SoundPicture: Sendable {
  package let model: AudioModel

  package init(_ model: AudioModel) { self.model = model }

  /// A picture `[frames, bands]` on the model's axes; of samples `[samples, 1]` their spectrum in decibels.
  package func figure(
    of picture: Tensor, title: String, caption: String = "", range: ClosedRange<Double>? = nil
  ) throws -> any TimeFigure {
    let isSamples = !model.hasPicture
    let shown = isSamples ? try model.picture(of: picture.values, in: .stft).levels : picture
    var panels = model.panelFigures(shown, nil, isSpectrum: isSamples)
    for place in panels.indices { panels[place].spectrogramRange = range }
    if panels.count == 1, var only = panels.first {
      (only.title, only.caption) = (title, caption)
      return only
    }
    return PanelsFigure(panels, title: title, caption: caption)
  }

  /// A film of pictures, twelve a second, all in one scale of greys; then the last picture with a line that moves over it
  /// in time with the sound, some times.
  package func film(
    _ form: FilmForm, of pictures: [Tensor], title: String, sound: [Float]?, times: Int = 2
  ) throws -> [UInt8] {
    guard let last = pictures.last else { return [] }
    let rate = 12
    var range: ClosedRange<Double>?
    if model.hasPicture {
      let values = last.values
      let (low, high) = (Double(values.min() ?? 0), Double(values.max() ?? 1))
      range = low < high ? low...high : nil
    }
    let scale = 0.8
    let first = try figure(of: pictures[0], title: title, range: range).pixels(scale: scale)
    let played = sound.map { $0 + [Float](repeating: 0, count: model.sampleRate / 4) } ?? []
    let silent = [Float](repeating: 0, count: pictures.count * model.sampleRate / rate)
    let track = sound.map { _ in silent + (0..<times).flatMap { _ in played } }
    let writer = try FilmWriter(
      form, width: first.width, height: first.height, rate: rate,
      sound: track.map { Recording(channels: [$0], sampleRate: model.sampleRate) })
    for picture in pictures {
      try writer.add(try figure(of: picture, title: title, range: range).pixels(scale: scale).bytes)
    }
    let ending = try figure(of: last, title: title, range: range)
    let still = try ending.pixels(scale: scale)
    let geometry = try ending.plotGeometry()
    let seconds = Double(played.count) / Double(model.sampleRate)
    for index in 0..<max(rate, Int((Double(times) * seconds * Double(rate)).rounded(.up))) {
      let time = (Double(index) / Double(rate)).truncatingRemainder(dividingBy: max(seconds, 1e-9))
      let place = geometry.fraction(of: time)
      try writer.add(
        sound == nil || place > geometry.right
          ? still.bytes : still.marked(at: place, from: geometry.top, to: geometry.bottom).bytes)
    }
    return try writer.finish()
  }
}

extension Tensor {
  /// Magnitudes in dB, down to 100 dB below the largest.
  fileprivate var levels: Tensor {
    withUnsafeValues { values in
      let lowest = max((values.max() ?? 0) * 1e-5, 1e-30)
      return Tensor(shape, values.map { 20 * log10f(max($0, lowest)) })
    }
  }
}

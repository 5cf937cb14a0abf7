import Audio
import Explain
import Graphs
import Models
import Probe
import TestSupport
import Tensors
import Testing

/// A layer's maps and moments over a whole sound, and what they have in common with its parts.
struct MapPicturesTests {
  /// YAMNet's first layer: places 2 frames apart, patches of 96 frames every 48.
  private func layer() throws -> (AudioModel, LayerGeometry) {
    let model = try AudioModel(named: "yamnet", threads: 1)
    let outline = try LayerOutline(model.network, upTo: model.logits)
    return (model, try LayerGeometry(try #require(outline.layers.first).tensor, of: model))
  }

  @Test("Maps that rise with time and frequency do so over the whole sound, also where patches overlap")
  func ramp() throws {
    let (_, geometry) = try layer()
    // Each place holds the frame and the band that it is centred on.
    func maps(_ value: (_ frame: Double, _ band: Double) -> Double) -> Tensor {
      Tensor(
        [3, 1, 48, 32],
        (0..<3).flatMap { patch in
          (0..<48).flatMap { time in
            (0..<32).map {
              Float(value(Double(48 * patch) + geometry.time.centres[time], geometry.band.centres[$0]))
            }
          }
        })
    }
    for (channel, picture) in [
      (
        0,
        MapPictures(
          maps { frame, _ in frame }, geometry, starts: [0, 48, 96], frames: 180, bands: 64, patchFrames: 96)
      ),
      (
        1,
        MapPictures(
          maps { _, band in band }, geometry, starts: [0, 48, 96], frames: 180, bands: 64, patchFrames: 96)
      ),
    ] {
      let values = picture.picture(ofChannel: 0)
      #expect(values.shape == [180, 64])
      // Beyond the outermost places of a patch, these hold: an edge of two frames or bands.
      for frame in stride(from: 4, to: 176, by: 7) where (frame + 2) % 48 > 4 {
        for band in 3..<61 { #expect(abs(values[frame, band] - Float(channel == 0 ? frame : band)) < 1e-3) }
      }
    }
  }

  @Test("Moments follow each other through the sound without gap or overlap")
  func moments() throws {
    let (model, geometry) = try layer()
    let maps = Tensor([3, 2, 48, 32], (0..<3 * 2 * 48 * 32).map(Float.init))
    let moments = LayerMoments(
      maps, geometry, starts: [0, 48, 96], frames: 150, patchFrames: 96, axes: model.axes)
    #expect(moments.vectors.shape == [moments.spans.count, 64])
    #expect((70...78).contains(moments.spans.count), "one every two frames")
    for (a, b) in zip(moments.spans, moments.spans.dropFirst()) {
      #expect(abs(a.upperBound - b.lowerBound) < 1e-9)
    }
    let last = try #require(moments.spans.last)
    #expect(abs(last.upperBound - model.axes.time(ofFrame: 149)) < 0.03)
  }

  @Test("The parts of a sound are pictures of one size; a steady tone is harmonic, a click percussive")
  func parts() throws {
    let model = try AudioModel(named: "yamnet", threads: 1)
    let samples = (0..<16_000).map { index -> Float in
      (index % 16 < 8 ? 0.2 : -0.2) + (index == 8000 ? 0.9 : 0)
    }
    let parts = try SoundParts(
      of: Recording(channels: [samples], sampleRate: 16_000), chroma: Tensor([10, 12], repeating: 1),
      for: model)
    #expect(Set(parts.pictures.keys) == Set(SoundPart.allCases))
    #expect(parts.pictures.values.allSatisfy { $0.shape == [parts.frames, parts.bands] })
    let (harmonic, percussive) = (
      try #require(parts.pictures[.harmonic]), try #require(parts.pictures[.percussive])
    )
    let (_, geometry) = try layer()
    let coarse = parts.pictures(asCoarseAs: geometry)
    #expect(coarse.values.allSatisfy { $0.shape == [parts.frames, parts.bands] })
    // A mean over two frames and two bands, halfway to the next: near what it is the mean of where that is smooth.
    #expect(abs(try #require(coarse[.harmonic])[30, 40] - harmonic[30, 40]) < 2)
    // The tone's band, 1 kHz, away from the click; and a band between its overtones at the click.
    let band = model.axes.bandCentres.firstIndex { $0 > 980 } ?? 0
    #expect(harmonic[20, band] > percussive[20, band] + 1)
    let between = model.axes.bandCentres.firstIndex { $0 > 5800 } ?? 0
    let click = Int(model.axes.frame(at: 0.5).rounded())
    #expect(percussive[click, between] > harmonic[click, between])
  }

  @Test("Maps that are the sound's own picture are found in place; those of another sound by chance")
  func comparison() throws {
    let (own, other) = (KeypointTests.picture(seed: 4), KeypointTests.picture(seed: 40))
    let parts = [SoundPart.spectrogram: own]
    let comparison = MapComparison(
      of: ComparedSound(frames: 96, bands: 64, parts: [parts, parts], maps: [[own], [other]]),
      against: ComparedSound(frames: 96, bands: 64, parts: [parts, parts], maps: [[other], [own]]))
    let (first, second) = (
      try #require(comparison.own[0][.spectrogram]), try #require(comparison.own[1][.spectrogram])
    )
    #expect(first.inPlaceShare == 1 && first.meanCorrelation ?? 0 > 0.999)
    #expect(try #require(second.inPlaceShare) < 0.3)
    #expect(comparison.control[0][.spectrogram]?.inPlaceShare == second.inPlaceShare)
    let found = PartCorrespondence(.spectrogram, [(first, second), (first, second)])
    #expect(found.isFound && found.excess?.low ?? 0 > 0.5)
    let silent = PartCorrespondence(.harmonic, [(PartTally(), PartTally())])
    #expect(silent.excess == nil && !silent.isFound)
  }
}

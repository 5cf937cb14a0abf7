import Audio
import Files
import Glibc
import Tensors
import TestSupport
import Testing

struct ResynthesisTests {
  private func tabla(at rate: Int) throws -> [Float] {
    let clip = try Recording.read(bundledSound("loop_tabla.flac"))
    return Array(try clip.mono(at: rate)[rate..<2 * rate + rate / 3])
  }

  /// How far apart two pictures are, over the deviation of the first.
  private func distance(_ a: Tensor, _ b: Tensor) -> Double {
    let (a, b) = (a.values, b.values)
    let mean = a.reduce(0) { $0 + Double($1) } / Double(a.count)
    let variance = a.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return
      (zip(a, b).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) } / variance)
      .squareRoot()
  }

  // Phases are guessed; what differs is where frames disagree. Between a twelfth and a quarter of the pictures' deviation
  // is what librosa's own mel_to_audio leaves on such sounds.
  @Test(
    "The picture of the sound of a picture is near to it",
    arguments: [
      "yamnet", "vggish", "musicnn", "panns", "kaldi", "ast", "whisper", "librosa", "torchaudio",
      "speechbrain",
    ])
  func pictures(name: String) throws {
    let frontEnd = try FrontEnd.preset(named: name)
    let samples = try tabla(at: frontEnd.sampleRate)
    let picture = frontEnd.logMel(samples)
    let sound = try frontEnd.sound(fromPicture: picture, samples: samples.count)
    #expect(sound.count == samples.count && sound.allSatisfy { $0.isFinite && abs($0) < 2 })
    let far = distance(picture, frontEnd.logMel(sound))
    #expect(far < 0.3, "\(name): \(far)")
  }

  @Test(
    "The picture of a sound, and the sound, give the sound",
    arguments: FrontEnd.presetNames)
  func same(name: String) throws {
    let frontEnd = try FrontEnd.preset(named: name)
    let samples = try tabla(at: frontEnd.sampleRate)
    let listened = Array(samples.prefix(frontEnd.sound.length ?? samples.count))
    let sound = try frontEnd.sound(fromPicture: frontEnd.logMel(samples), like: samples, iterations: 4)
    let peak = listened.reduce(0) { max($0, abs($1)) }
    // Without the ends, where frames may be missing; an emphasis within frames is undone for the sound as a whole only.
    let inner = 2 * frontEnd.window..<listened.count - 3 * frontEnd.window - 2 * frontEnd.hop
    let emphasised = (frontEnd.analysis?.framePreEmphasis ?? 0) != 0
    // Between frames that do not overlap, windows let nothing through.
    guard 2 * frontEnd.hop <= max(2, frontEnd.window) else { return }
    let limit: Float = emphasised || frontEnd.analysis?.removesFrameMean == true ? 0.1 : 2e-3
    let far = largestDifference(Array(sound[inner]), Array(listened[inner])) / peak
    #expect(far < limit, "\(name): \(far)")
  }

  @Test("A band that was amplified is, and the others are as they were")
  func changed() throws {
    let frontEnd = try FrontEnd.preset(named: "yamnet")
    let samples = try tabla(at: 16000)
    let picture = frontEnd.logMel(samples)
    let louder = Tensor(
      picture.shape,
      picture.values.enumerated().map { 20...24 ~= $0.offset % 64 ? $0.element + 1 : $0.element })
    let sound = try frontEnd.sound(fromPicture: louder, like: samples)
    #expect(distance(louder, frontEnd.logMel(sound)) < 0.15)
  }

  // MARK: - Non-negative least squares

  private func plain(_ bands: FrontEnd.Bands) throws -> FrontEnd {
    try FrontEnd(
      sampleRate: 16000,
      analysis: FrontEnd.Analysis(
        window: 512, hop: 256, fft: 512, framing: .centred, spectrum: .power, bands: bands, compression: .none
      ),
      patch: FrontEnd.Patch(frames: 1, hop: 1, tail: .dropIncomplete))
  }

  private static let mel = FrontEnd.Bands.mel(
    FrontEnd.Mel(bands: 40, lowest: 0, highest: 8000, scale: .slaney, norm: .none, construction: .librosa))

  private func bands(of magnitudes: Tensor, _ frontEnd: FrontEnd) -> [Double] {
    let weights = frontEnd.melWeights
    let (bands, bins) = (weights.shape[0], weights.shape[1])
    let (dense, values) = (weights.values, magnitudes.values)
    var sums = [Double](repeating: 0, count: magnitudes.shape[0] * bands)
    for frame in 0..<magnitudes.shape[0] {
      for band in 0..<bands {
        for bin in 0..<bins {
          let magnitude = Double(values[frame * bins + bin])
          sums[frame * bands + band] += Double(dense[band * bins + bin]) * magnitude * magnitude
        }
      }
    }
    return sums
  }

  @Test(
    "The spectrum of a sound's bands has these bands",
    arguments: [
      mel, .linear(lowest: 300, highest: 6000), .logarithmic(count: 50, lowest: 60, highest: 7000),
    ])
  func attained(_ kind: FrontEnd.Bands) throws {
    let frontEnd = try plain(kind)
    let picture = frontEnd.logMel(testSignal(8000, rate: 16000))
    let found = bands(of: try frontEnd.magnitudes(fromPicture: picture), frontEnd)
    let loudest = Double(picture.values.max() ?? 0)
    for (ours, wanted) in zip(found, picture.values) {
      #expect(abs(ours - Double(wanted)) < 1e-5 * Double(wanted) + 1e-7 * loudest)
    }
  }

  // scipy's nnls is exact. Single precision of the result.
  @Test("Bands that no spectrum has are as near as scipy's nnls comes")
  func unattained() throws {
    let frontEnd = try plain(Self.mel)
    var wanted: [Double] = []
    for frame in 0..<6 {
      for band in 0..<40 {
        let peak: Double = (7 * frame + 3 * band) % 5 == 0 ? 1 + Double(band) : 0
        wanted.append(peak + 0.001 * Double(band))
      }
    }
    let picture = Tensor([6, 40], wanted.map { Float($0) })
    let found = bands(of: try frontEnd.magnitudes(fromPicture: picture), frontEnd)
    let theirs = try #require(try NumPy.readArchive(golden("griffin-lim.npz"))["nnls"]).values
    for frame in 0..<6 {
      var squares = 0.0
      for place in 40 * frame..<40 * (frame + 1) {
        squares += (found[place] - wanted[place]) * (found[place] - wanted[place])
      }
      let residual = squares.squareRoot()
      #expect(residual < (1 + 1e-3) * Double(theirs[frame]), "\(residual) and \(theirs[frame])")
    }
  }

  // MARK: - What cannot be

  @Test("Pictures that do not tell their sound are refused with a reason")
  func refused() throws {
    let yamnet = try FrontEnd.preset(named: "yamnet")
    func reason(_ frontEnd: FrontEnd, _ picture: Tensor, like original: [Float]? = nil) -> String {
      do {
        _ = try frontEnd.sound(fromPicture: picture, like: original)
        return ""
      } catch { return "\(error)" }
    }
    #expect(reason(yamnet, Tensor([10, 63])).contains("[frames, 64]"))
    #expect(reason(yamnet, Tensor([0, 64])).contains("[frames, 64]"))
    #expect(reason(yamnet, Tensor([1, 64], repeating: .nan)).contains("frame 0, band 0"))
    #expect(reason(yamnet, Tensor([1, 64], repeating: 1000)).contains("beyond what numbers can hold"))
    #expect(
      reason(yamnet, Tensor([96, 64]), like: [Float](repeating: 0, count: 32000)).contains("96 frames"))
    let pcen = try FrontEnd(
      sampleRate: 16000, window: 512, hop: 256, fft: 512, framing: .centred, spectrum: .magnitude,
      mel: try #require(yamnet.mel), compression: .pcen(FrontEnd.PCEN()),
      patch: FrontEnd.Patch(frames: 1, hop: 1, tail: .dropIncomplete))
    #expect(reason(pcen, Tensor([5, 64], repeating: 1)).contains("PCEN"))
    let imitation = try FrontEnd.preset(named: "iminet-imitation")
    if imitation.steps.contains(where: { if case .standardise = $0 { true } else { false } }) {
      #expect(reason(imitation, Tensor([5, imitation.bandCount])).contains("standardise"))
    }
  }

  @Test("Silence stays silent, and one frame is enough")
  func extremes() throws {
    for name in ["yamnet", "librosa", "kaldi", "whisper", "wav2vec2"] {
      let frontEnd = try FrontEnd.preset(named: name)
      let picture = frontEnd.logMel([Float](repeating: 0, count: 20_000))
      let quiet = try frontEnd.sound(fromPicture: picture, samples: 20_000, iterations: 2)
      #expect(quiet.count == 20_000 && quiet.allSatisfy { abs($0) < 1e-2 }, "\(name)")
      let one = try frontEnd.sound(fromPicture: picture.rows(0..<1), iterations: 1)
      #expect(!one.isEmpty && one.allSatisfy(\.isFinite))
    }
  }
}

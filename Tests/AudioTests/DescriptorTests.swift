import Audio
import Glibc
import Tensors
import TestSupport
import Testing

/// Against `Golden/make-descriptors.py`.
struct DescriptorTests {
  private func loop() throws -> Recording { try Recording.read(bundledSound("loop_tabla.flac")) }

  /// A second and a half, as librosa's and Essentia's rates hear it.
  private func stretch(_ rate: Int) throws -> Recording {
    let samples = Array(try loop().channels[0][44100..<44100 + 66150])
    let every = 44100 / rate
    return Recording(
      channels: [stride(from: 0, to: samples.count, by: every).map { samples[$0] }], sampleRate: rate)
  }

  private func golden(_ name: String) throws -> Tensor {
    try #require(try NumPy.readArchive(AudioTests.golden("descriptors.npz"))[name])
  }

  // librosa's spectra are in single precision. Over the largest value in the clip.
  private static let ofLibrosa: [(Descriptor, Float)] = [
    (.rms, 1e-6), (.zeroCrossingRate, 1e-6), (.centroid, 1e-5), (.bandwidth, 1e-5), (.rolloff, 1e-6),
    (.flatness, 1e-5), (.onsetStrength, 1e-4), (.mfcc, 1e-5), (.chroma, 1e-5), (.harmonicShare, 1e-5),
  ]

  @Test("Agrees with librosa frame by frame", arguments: ofLibrosa)
  func librosa(descriptor: Descriptor, tolerance: Float) throws {
    let ours = try #require(try FrameDescriptors(of: stretch(22050)).values(of: descriptor))
    try compare(ours, with: golden(descriptor.rawValue), within: tolerance)
  }

  // Essentia computes in single precision; a peak that is at its threshold in one and not in the other adds next to nothing.
  private static let ofEssentia: [(Descriptor, Float)] = [
    (.hpcp, 1e-3), (.pitchSalience, 1e-5), (.stevensLoudness, 1e-5),
  ]

  @Test("Agrees with Essentia frame by frame", arguments: ofEssentia)
  func essentia(descriptor: Descriptor, tolerance: Float) throws {
    let ours = try #require(try FrameDescriptors(of: stretch(44100)).values(of: descriptor))
    try compare(ours, with: golden(descriptor.rawValue), within: tolerance)
  }

  @Test("The flux is Essentia's, but for the first frame, which follows none")
  func flux() throws {
    let ours = try #require(try FrameDescriptors(of: stretch(22050)).values(of: .flux)).values
    let theirs = try golden("flux").values
    #expect(ours[0].isNaN)
    #expect(
      largestDifference(Array(ours.dropFirst()), Array(theirs.dropFirst())) < 1e-5 * (theirs.max() ?? 0))
  }

  private func compare(_ ours: Tensor, with theirs: Tensor, within tolerance: Float) throws {
    #expect(ours.shape == theirs.shape)
    let peak = theirs.values.reduce(0) { max($0, abs($1)) }
    let far = largestDifference(ours.values, theirs.values) / peak
    #expect(far <= tolerance, "\(far)")
  }

  @Test("Onsets of a whole loop are librosa's and Essentia's, its loudness is libebur128's")
  func whole() throws {
    let loop = try loop()
    let half = Recording(
      channels: [stride(from: 0, to: loop.frames, by: 2).map { loop.channels[0][$0] }], sampleRate: 22050)
    let onsets = try FrameDescriptors(of: half).onsets
    #expect(largestDifference(onsets.map { Float($0) }, try golden("onset_times").values) < 1e-4)
    let left = try Descriptors(of: loop.channels[0], sampleRate: 44100)
    let rate = try #require(left[.onsetRate][0])
    #expect(abs(rate - Double(try golden("onset_rate").values[0])) < 1e-4)
    let tuning = try #require(try Descriptors(of: stretch(22050))[.tuning][0])
    #expect(abs(tuning - 100 * Double(try golden("tuning").values[0])) < 1e-4)
    let both = try Descriptors(of: loop)
    for (descriptor, theirs) in zip([Descriptor.loudness, .shortTermLoudness], try golden("lufs").values) {
      #expect(abs(try #require(both[descriptor][0]) - Double(theirs)) < 1e-4)
    }
  }

  // EBU Tech 3341, cases 1 and 2: a stereo sine of 1 kHz.
  @Test("A sine at -23 dB of full scale in both channels has -23 LUFS", arguments: [-23.0, -33])
  func sine(decibels: Double) throws {
    let one = tone(1000, seconds: 20, rate: 48000, amplitude: pow(10, decibels / 20))
    let table = try Descriptors(of: Recording(channels: [one, one], sampleRate: 48000))
    #expect(abs(try #require(table[.loudness][0]) - decibels) < 0.1)
    #expect(abs(try #require(table[.shortTermLoudness][0]) - decibels) < 0.1)
    #expect(abs(try #require(table[.centroid][0]) - 1000) < 20)
    #expect(try #require(table[.harmonicShare][0]) > 0.95)
  }

  @Test("Silence has a level of 0, and no spectrum")
  func silence() throws {
    let table = try Descriptors(of: [Float](repeating: 0, count: 30_000), sampleRate: 16000)
    for descriptor in Descriptor.allCases {
      let zeros: Set<Descriptor> = [
        .rms, .zeroCrossingRate, .stevensLoudness, .onsetRate, .flux, .onsetStrength,
      ]
      #expect(
        table[descriptor] == Array(repeating: zeros.contains(descriptor) ? 0 : nil, count: descriptor.count))
    }
  }

  @Test("A clip of any length has a table", arguments: [0, 1, 2, 511, 512, 1500, 4096])
  func short(count: Int) throws {
    let clip = Recording(
      channels: [testSignal(count, rate: 8000), testSignal(count, rate: 8000)], sampleRate: 8000)
    let frames = try FrameDescriptors(of: clip)
    #expect(frames.clip.scalars.map(\.name) == Descriptors.scalarNames)
    for descriptor in Descriptor.allCases where descriptor.isOfFrames {
      let values = try #require(frames.values(of: descriptor))
      #expect(values.shape == [frames.times.count, descriptor.count])
    }
    #expect(frames.clip[.shortTermLoudness] == [nil])
  }

  @Test("Names are one a value, and none comes twice")
  func names() {
    #expect(Descriptors.scalarNames.count == Descriptor.allCases.reduce(0) { $0 + $1.count })
    #expect(Set(Descriptors.scalarNames).count == Descriptors.scalarNames.count)
    #expect(Descriptor.hpcp.names[0] == "hpcp_a" && Descriptor.hpcp.names[3] == "hpcp_c")
  }

  @Test("An A is the first class of one profile and the tenth of the other")
  func pitch() throws {
    let table = try Descriptors(of: tone(440, seconds: 1, rate: 22050), sampleRate: 22050)
    let (hpcp, chroma) = (table[.hpcp].map { $0 ?? 0 }, table[.chroma].map { $0 ?? 0 })
    #expect(hpcp.max() == hpcp[0] && chroma.max() == chroma[9])
    #expect(try #require(table[.pitchSalience][0]) < 1)
  }
}

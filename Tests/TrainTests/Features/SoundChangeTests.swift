import Audio
import Glibc
import TestSupport
import Testing
import Train

struct SoundChangeTests {
  private let sound: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]

  private func apply(_ change: SoundChange, rate: Int = 8) throws -> [Float] {
    try change.apply(to: [sound], sampleRate: rate)[0]
  }

  @Test("padding goes on with the last sample, and cuts what is longer")
  func padded() throws {
    #expect(try apply(.padded(seconds: 1.5)) == sound + [8, 8, 8, 8])
    #expect(try apply(.padded(seconds: 0.5)) == [1, 2, 3, 4])
    #expect(try apply(.padded(seconds: 1)) == sound)
  }

  private static let rolls: [(share: Double, expected: [Float])] = [
    (0.25, [7, 8, 1, 2, 3, 4, 5, 6]), (-0.25, [3, 4, 5, 6, 7, 8, 1, 2]), (0.5, [5, 6, 7, 8, 1, 2, 3, 4]),
    (1.25, [7, 8, 1, 2, 3, 4, 5, 6]), (0, [1, 2, 3, 4, 5, 6, 7, 8]),
  ]

  @Test("rolling is numpy's", arguments: rolls)
  func rolled(share: Double, expected: [Float]) throws {
    #expect(try apply(.rolled(share: share)) == expected)
  }

  @Test("shifting leaves silence")
  func shifted() throws {
    #expect(try apply(.shifted(seconds: 0.25)) == [0, 0, 1, 2, 3, 4, 5, 6])
    #expect(try apply(.shifted(seconds: -0.25)) == [3, 4, 5, 6, 7, 8, 0, 0])
    #expect(try apply(.shifted(seconds: 5)) == [Float](repeating: 0, count: 8))
  }

  @Test("a gain of 6.02 dB doubles")
  func gain() throws {
    let ours = try apply(.gain(decibels: 20 * log10(2)))
    #expect(zip(ours, sound).allSatisfy { abs($0 - 2 * $1) < 1e-5 })
  }

  @Test("a background is mixed by its weight, and begins anew where it ends")
  func background() throws {
    try withScratchFolder { folder in
      let ramp = (0..<12).map { Float($0) / 64 }
      try writeWAV(Recording(channels: [ramp], sampleRate: 1000), to: "\(folder)/ramp.wav")
      let clip = [Float](repeating: 0.5, count: 20)
      let mixed = try SoundChange.background(path: "\(folder)/ramp.wav", weight: 0.25, offset: 0.008)
        .apply(to: [clip, clip], sampleRate: 1000)
      let expected = (0..<20).map { place -> Float in
        0.75 * 0.5 + 0.25 * ramp[(8 + place) % 12]
      }
      for channel in mixed { #expect(zip(channel, expected).allSatisfy { abs($0 - $1) < 1e-6 }) }
      #expect(throws: AudioError.self) {
        try SoundChange.background(path: "\(folder)/none.wav", weight: 0.25, offset: 0).apply(
          to: [clip], sampleRate: 8)
      }
    }
  }

  @Test(
    "what cannot be meant is refused",
    arguments: [
      SoundChange.padded(seconds: 0), .padded(seconds: .infinity), .rolled(share: .nan),
      .gain(decibels: .nan),
      .stretched(rate: 0), .stretched(rate: 100), .pitched(semitones: 30), .shifted(seconds: 1e9),
      .background(path: "x", weight: 1.5, offset: 0), .background(path: "x", weight: 0.5, offset: -1),
    ])
  func refused(change: SoundChange) {
    #expect(throws: FeatureError.self) { try change.check() }
  }

  @Test("changes follow one another")
  func sequence() throws {
    let variation: Variation = [.padded(seconds: 1.25), .rolled(share: 0.2)]
    #expect(try variation.apply(to: [sound], sampleRate: 8)[0] == [8, 8] + sound)
  }

  @Test("the variants have 1, 1 and 7 variations, all of one length but the baseline")
  func variants() throws {
    #expect(Variant.allCases.map { $0.variations().count } == [1, 1, 7])
    #expect(Variant.baseline.variations() == [[]])
    for variation in Variant.rolled.variations(seconds: 2) {
      #expect(try variation.apply(to: [sound], sampleRate: 8)[0].count == 16)
    }
  }
}

struct VariationPlanTests {
  private let plan = VariationPlan(
    .padded,
    augmentations: [
      .stretches, .smallPitches, .largePitches,
      .backgrounds([.init(path: "street.wav", seconds: 60), .init(path: "crowd.wav", seconds: 30)]),
      .gain(decibels: -6...6, copies: 2), .shift(seconds: -0.5...0.5, copies: 1),
    ], seed: 3)

  @Test("has one variation for each setting, the clip's own first, all padded last")
  func count() {
    let variations = plan.variations(of: LabelledClip(path: "a/dog.wav", classes: [0]))
    #expect(variations.count == plan.count && plan.count == 1 + 4 + 4 + 4 + 2 + 2 + 1)
    #expect(variations[0] == [.padded(seconds: 4)])
    #expect(variations.allSatisfy { $0.last == .padded(seconds: 4) })
    #expect(variations[1].first == .stretched(rate: 0.81))
  }

  @Test("depends on the clip's name and the seed, not on its folder")
  func draws() {
    let clip = LabelledClip(path: "a/dog.wav", classes: [0])
    let variations = plan.variations(of: clip)
    #expect(plan.variations(of: LabelledClip(path: "b/c/dog.wav", classes: [1])) == variations)
    #expect(plan.variations(of: LabelledClip(path: "a/cat.wav", classes: [0])) != variations)
    var stretch = clip
    stretch.stretch = 0...1
    #expect(plan.variations(of: stretch) != variations)
    var other = plan
    other.seed = 4
    #expect(other.variations(of: clip) != variations)
  }

  @Test("weights and offsets lie in their ranges")
  func ranges() {
    for index in 0..<200 {
      for change in plan.variations(of: LabelledClip(path: "\(index).wav", classes: [0])).joined() {
        guard case .background(let path, let weight, let offset) = change else { continue }
        #expect(weight >= 0.1 && weight <= 0.5)
        #expect(offset >= 0 && offset < (path == "street.wav" ? 60 : 30))
      }
    }
  }
}

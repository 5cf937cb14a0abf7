import Audio
import Files
import Tensors
import TestSupport
import Testing
import Train

struct AttentionRegionsTests {
  private func regions(_ table: String, _ clips: [LabelledClip]) throws -> AttentionRegions {
    try withScratchFolder { folder in
      try WholeFile.write(Array(table.utf8), to: "\(folder)/REGIONS.csv")
      return try AttentionRegions(
        reading: "\(folder)/REGIONS.csv", for: DataSet(name: "toy", classes: ["dog", "cat"], clips: clips))
    }
  }

  /// Frames 16 ms apart, the first centred on 0 s.
  private let axes = try? toyFrontEnd().axes

  private func frames(_ regions: AttentionRegions, _ variation: Variation = [], clip: Int = 0) throws -> [Int]
  {
    let axes = try #require(axes)
    let mask = try #require(
      regions.mask(clip: clip, variation: variation, axes: axes, frames: 64, seconds: 1))
    return (0..<64).filter { mask[$0, 5] == 1 }
  }

  private let clips = [
    LabelledClip(path: "/data/a.wav", classes: [0]),
    LabelledClip(path: "/data/b.wav", stretch: 2...3, classes: [1]),
    LabelledClip(path: "/data/c.wav", classes: [1]),
  ]

  @Test("a mask is 1 within a clip's regions, in seconds and hertz, and 0 elsewhere")
  func mask() throws {
    let regions = try regions(
      "clip,start,end,low,high\na.wav,0.16,0.32,,\nb.wav,2.16,2.32,1000,2000\nb.wav,0,1,,\n", clips)
    #expect(regions.knownClips == [0, 1] && regions.notes.isEmpty)
    #expect(try frames(regions) == Array(10...20))
    let axes = try #require(axes)
    let mask = try #require(regions.mask(clip: 1, axes: axes, frames: 64, seconds: 1))
    for frame in 0..<64 {
      for (band, hertz) in axes.bandCentres.enumerated() {
        #expect((mask[frame, band] == 1) == ((10...20).contains(frame) && hertz >= 1000 && hertz <= 2000))
      }
    }
    #expect(regions.mask(clip: 2, axes: axes, frames: 64, seconds: 1) == nil)
  }

  @Test("a region with a class counts for clips of that class")
  func classes() throws {
    let regions = try regions(
      "file,start,end,class\na.wav,0.16,0.32,Dog\na.wav,0.5,0.6,cat\nc.wav,0,1,dog\n", clips)
    #expect(regions.knownClips == [0])
    #expect(try frames(regions) == Array(10...20))
  }

  @Test("regions move with the sound")
  func variations() throws {
    let regions = try regions("clip,start,end\na.wav,0.16,0.32\n", clips)
    #expect(try frames(regions, [.padded(seconds: 2), .gain(decibels: 3)]) == Array(10...20))
    #expect(try frames(regions, [.rolled(share: 0.16)]) == Array(20...30))
    #expect(try frames(regions, [.rolled(share: -0.24)]) == Array(0...5) + Array(58...62))
    #expect(try frames(regions, [.shifted(seconds: -0.24)]) == Array(0...5))
    #expect(try frames(regions, [.stretched(rate: 0.5)]) == Array(20...40))
    #expect(try frames(regions, [.padded(seconds: 0.24)]) == Array(10...15))
  }

  @Test("a higher sound has higher regions")
  func pitched() throws {
    let regions = try regions("clip,start,end,low,high\na.wav,0,1,500,1000\n", clips)
    let axes = try #require(axes)
    let mask = try #require(
      regions.mask(clip: 0, variation: [.pitched(semitones: 12)], axes: axes, frames: 64, seconds: 1))
    for (band, hertz) in axes.bandCentres.enumerated() {
      #expect((mask[30, band] == 1) == (hertz >= 1000 && hertz <= 2000))
    }
  }
}

import Audio
import Explain
import Tensors
import Testing

@Suite("Patches of two programs side by side")
struct PatchComparisonTests {
  @Test(
    "Axes are found by their extents, the usual order where these do not tell",
    arguments: [
      ([12, 96, 64], [PatchArrangement.Axis.patches, .frames, .bands], true),
      ([12, 1, 96, 64], [.patches, .frames, .bands], true),
      ([12, 64, 96], [.patches, .bands, .frames], false),
      ([96, 64], [.frames, .bands], true),
      ([64, 96, 1], [.bands, .frames], false),
      // A frame more, another number of patches: the bands tell.
      ([1, 97, 64], [.frames, .bands], true), ([64, 97], [.bands, .frames], false),
      ([7, 96, 64], [.patches, .frames, .bands], true),
    ] as [([Int], [PatchArrangement.Axis], Bool)])
  func arrangement(shape: [Int], axes: [PatchArrangement.Axis], isUsual: Bool) throws {
    let found = try #require(PatchArrangement(Shape(shape), like: [12, 1, 96, 64]))
    #expect(found.axes == axes && found.isUsual == isUsual)
  }

  @Test("A network that takes bands first expects them first")
  func order() throws {
    let found = try #require(
      PatchArrangement(
        [1, 80, 3000], like: [1, 1, 3000, 80], order: [.patches, .channels, .bands, .frames]))
    #expect(found.axes == [.bands, .frames] && found.isUsual)
    #expect(PatchArrangement([2, 2, 2, 2, 2], like: [2, 2, 2, 2]) == nil)
  }

  @Test("An arranged array has every value at its place")
  func arranged() throws {
    // [bands, patches, frames]
    let array = Tensor([5, 2, 3], (0..<30).map { Float($0) })
    let arrangement = try #require(PatchArrangement([5, 2, 3], like: [2, 1, 3, 5]))
    let arranged = arrangement.arranged(array)
    #expect(arranged.shape == [2, 1, 3, 5])
    for patch in 0..<2 {
      for frame in 0..<3 {
        for band in 0..<5 { #expect(arranged[patch, 0, frame, band] == array[band, patch, frame]) }
      }
    }
  }

  @Test("The difference is that of what both have, over the range of theirs")
  func difference() {
    let ours = Tensor([1, 1, 3, 2], [0, 1, 2, 3, 4, 5])
    let theirs = Tensor([1, 1, 2, 2], [0, 1, 2, 5])
    let difference = PatchDifference(ours, theirs)
    #expect(difference.largest == 2 && difference.place == [0, 0, 1, 1])
    #expect(difference.ours == 3 && difference.theirs == 5)
    #expect(difference.range == 5 && difference.share == 0.4 && !difference.isAligned)
    #expect(difference.rootMeanSquare == 1 && difference.typicalShare == 0.2)
    let same = PatchDifference(ours, ours)
    #expect(same.share == 0 && same.isAligned)
    // All the same there, not here.
    #expect(PatchDifference(ours, Tensor([1, 1, 3, 2])).share == .infinity)
  }

  @Test("Places of patches are told in seconds and hertz, through resizing and turning")
  func position() throws {
    let yamnet = FrontEnd.yamnet
    let plain = yamnet.position(patch: 2, frame: 3, band: 10, of: 96, 64)
    #expect(abs(plain.seconds - yamnet.frameTime(2 * 48 + 3)) < 1e-12)
    #expect(plain.hertz == yamnet.bandCentres[10])
    var patch = yamnet.patch
    patch.steps = [.flip(.bands), .resize(frames: 48, bands: 32, mode: .bilinear)]
    let pictured = try FrontEnd(sampleRate: 16000, analysis: yamnet.analysis, patch: patch)
    let place = pictured.position(patch: 0, frame: 10, band: 0, of: 48, 32)
    // Place 10 of 48 is the middle of frames 20 and 21; the first of 32 turned bands is that of the two highest.
    #expect(abs(place.seconds - yamnet.frameTime(20.5)) < 1e-12)
    #expect(place.hertz.map { yamnet.bandCentres.suffix(2).contains($0) } == true)
  }
}

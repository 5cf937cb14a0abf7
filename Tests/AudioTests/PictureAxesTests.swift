import Audio
import Tensors
import TestSupport
import Testing

/// Where the bins of pictures lie.
struct PictureAxesTests {
  private let low = PictureAxes.Panel(
    [PictureAxes.Band(0, 100, 200), PictureAxes.Band(100, 200, 300)], name: "low")
  private let high = PictureAxes.Panel([PictureAxes.Band(250, 500, 1000)], name: "high")

  @Test("Frames of patches side by side begin anew with each patch")
  func blocks() {
    let axes = PictureAxes(
      start: 0.1, hop: 0.2, window: 0.2, block: PictureAxes.Block(frames: 4, seconds: 1), panels: [low])
    for (frame, time) in [(0, 0.1), (3, 0.7), (4, 1.1), (9, 2.3)] {
      #expect(abs(axes.time(ofFrame: frame) - time) < 1e-12)
      #expect(abs(axes.frame(at: time) - Double(frame)) < 1e-9)
    }
    // Between the last frame of a patch and the first of the next, the last of the one that the time lies in.
    #expect(axes.frame(at: 0.95) == 3)
    #expect(abs(axes.meanHop - 0.25) < 1e-12)
    // The middle of a block is where it is.
    #expect(abs(axes.meanStart + 1.5 * axes.meanHop - 0.4) < 1e-12)
  }

  @Test("Where panels overlap the largest gain counts, outside of all of them none")
  func gains() {
    let axes = PictureAxes(start: 0, hop: 1, window: 0.01, panels: [low, high])
    let mask = SoundMask(Tensor([1, 3], [0.2, 0.4, 0.9]), axes: axes)
    #expect(axes.panelRanges == [0..<2, 2..<3] && axes.bandCount == 3)
    #expect(abs(mask.gain(at: 0, hertz: 150) - 0.3) < 1e-6)
    #expect(abs(mask.gain(at: 0, hertz: 275) - 0.9) < 1e-6)
    #expect(mask.gain(at: 0, hertz: 1500) == 0)
  }

  @Test("A panel of one channel says nothing of the others")
  func channels() {
    let left = PictureAxes.Panel([PictureAxes.Band(0, 2000, 4000)], name: "left", channel: 0)
    let right = PictureAxes.Panel([PictureAxes.Band(0, 2000, 4000)], name: "right", channel: 1)
    let axes = PictureAxes(start: 0, hop: 1, window: 0.01, panels: [left, right])
    let sound = Recording(
      channels: [testSignal(8000, rate: 8000), testSignal(8000, rate: 8000)], sampleRate: 8000)
    let (heard, ignored) = SoundMask(Tensor([1, 2], [1, 0]), axes: axes).split(sound)
    #expect(largestDifference(heard.channels[0], sound.channels[0]) < 1e-5)
    #expect(heard.channels[1].allSatisfy { abs($0) < 1e-6 })
    #expect(largestDifference(ignored.channels[1], sound.channels[1]) < 1e-5)
  }
}

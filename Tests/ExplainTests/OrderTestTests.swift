import Explain
import Models
import Tensors
import TestSupport
import Testing

struct OrderTestTests {
  private let picture = Tensor.random([8, 6], seed: 3)

  private func test(_ model: AudioModel, _ picture: Tensor? = nil, draws: Int = 10) throws -> OrderTest {
    let listening = try model.listen(toLogMel: picture ?? self.picture)
    let target = try model.targets(.index(0), for: listening)[0]
    return try model.orderTest(listening, target: target, draws: draws, seed: 5)
  }

  /// A network of one class whose logit is `Σ weights · log-mel` over a patch of 8 × 6 bins.
  private func linear(_ weights: (_ frame: Int, _ band: Int) -> Float) throws -> AudioModel {
    let values = (0..<48).map { weights($0 / 6, $0 % 6) }
    return try HandmadeONNX.linear(["N", 8, 6], Tensor([48, 1], values)).model(frontEnd(frames: 8, bands: 6))
  }

  // Sums of 48 numbers up to 2.5 in another order, in single precision.
  private let rounding = 1e-5

  @Test(
    "What looks at the mean over time alone loses nothing by shuffled time, and by shuffled bands what it should"
  )
  func frequency() throws {
    let order = try test(linear { _, band in Float(band) / 2 })
    #expect(abs(order.time.score.mean) < rounding && order.time.score.deviation < rounding)
    #expect(order.bands.score.deviation > 0.1)
    #expect(order.draws == 10)
  }

  @Test("What looks at the mean over bands alone loses nothing by shuffled bands")
  func time() throws {
    let order = try test(linear { frame, _ in Float(frame) / 2 })
    #expect(abs(order.bands.score.mean) < rounding && order.bands.score.deviation < rounding)
    #expect(order.time.score.deviation > 0.1)
  }

  @Test("The drop of a sum over a picture that its weights fit is what exchanging leaves of it on average")
  func expectation() throws {
    // Weights that are the picture itself: every exchange costs; with many draws the mean is the one over all orders.
    let fitting = Tensor([8, 6], (0..<48).map { Float($0 % 6) })
    let order = try test(linear { _, band in Float(band) }, fitting, draws: 400)
    // Σ b² = 55 a frame; at random (Σ b)² / 6 = 37.5: a drop of 8 · 17.5.
    #expect(abs(order.bands.score.mean - 140) < 4 * order.bands.score.deviation / 20)
    #expect(order.time.score.mean == 0 && order.verdict == .frequency)
    #expect(
      order.words()
        == "frequency: shuffling bands costs \(tenths(order.bands.score.mean)) logits, shuffling time 0.0")
    #expect(order.bands.probability?.mean == order.bands.score.mean)

    let rising = Tensor([8, 6], (0..<48).map { Float($0 / 6) })
    let other = try test(linear { frame, _ in Float(frame) }, rising)
    #expect(other.verdict == .time && other.bands.score.mean == 0)
    #expect(other.words().hasPrefix("time: shuffling time costs "))
    let product = Tensor([8, 6], (0..<48).map { Float(($0 / 6) * ($0 % 6)) })
    #expect(try test(linear { Float($0 * $1) }, product).verdict == .both)
    let flat = try test(linear { _, _ in 1 })
    #expect(flat.verdict == .neither)
  }

  private func tenths(_ value: Double) -> String {
    let whole = Int((value * 10).rounded())
    return "\(whole / 10).\(whole % 10)"
  }

  @Test("An order against which the clip stands is told as a gain")
  func gain() throws {
    let fitting = Tensor([8, 6], (0..<48).map { Float($0 % 6) })
    let order = try test(linear { _, band in -Float(band) }, fitting)
    #expect(order.bands.score.mean < -100 && order.verdict == .neither)
    #expect(order.words().contains("shuffling bands gains "))
  }

  @Test("The same seed draws the same; a difference of classes is tested as such")
  func seeds() throws {
    let file = HandmadeONNX.linear(["N", 8, 6], .random([48, 2], seed: 2))
    let model = try file.model(frontEnd(frames: 8, bands: 6))
    let listening = try model.listen(toLogMel: .random([20, 6], seed: 1))
    let targets = try [0, 1].map { try model.targets(.index($0), for: listening)[0] }
    let one = try model.orderTest(listening, target: targets[0], seed: 1)
    #expect(one == (try model.orderTest(listening, target: targets[0], seed: 1)))
    #expect(one != (try model.orderTest(listening, target: targets[0], seed: 2)))
    let other = try model.orderTest(listening, target: targets[1], seed: 1)
    let contrast = try model.orderTest(listening, target: targets[0].rather(than: targets[1]), seed: 1)
    #expect(
      abs(contrast.bands.score.mean - (one.bands.score.mean - other.bands.score.mean)) < rounding)
  }

  @Test("Padding behind a short clip stays where it is")
  func padding() throws {
    // A patch of 8 frames is 8 · 32 + 32 samples; a clip of 4 frames' sound is padded to it.
    let model = try linear { frame, _ in frame >= 6 ? 1 : 0 }
    let samples = Tensor.random([160], seed: 9).values
    let listening = try model.listen(to: samples)
    #expect(listening.logMel.shape == [8, 6])
    let target = try model.targets(.index(0), for: listening)[0]
    let order = try model.orderTest(listening, target: target)
    #expect(order.time.score.mean == 0)
  }
}

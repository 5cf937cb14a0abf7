import Audio
import Glibc
import Graphs
import Models
import Probe
import TestSupport
import Tensors
import Testing

@Suite("Filters of a first layer")
struct FirstFiltersTests {
  /// Kernels of 5 frames by 5 bands, by what they answer.
  private static let shapes: [(kind: Orientation.Kind, angle: Double, value: @Sendable (Int, Int) -> Float)] =
    [
      (.horizontal, 0, { _, band in band == 2 ? 1 : band == 1 || band == 3 ? -0.5 : 0 }),
      (.vertical, 90, { time, _ in [-1, -2, 0, 2, 1][time] }),
      (.rising, 45, { time, band in time == band ? 1 : 0 }),
      (.falling, -45, { time, band in time + band == 4 ? 1 : 0 }),
      (.none, 0, { time, band in time == 2 && band == 2 ? 1 : 0 }),
    ]

  private func file(_ kernels: Tensor, _ input: [HandmadeONNX.Extent]) -> HandmadeONNX {
    var file = HandmadeONNX(input: "sound", input)
    file.add(
      "Conv", ["sound"], "filtered", weights: [kernels],
      ["kernel_shape": Array(kernels.shape.dimensions.dropFirst(2))])
    file.add("Relu", ["filtered"], "layer")
    file.add("GlobalAveragePool", ["layer"], "means")
    file.add("Flatten", ["means"], "logits")
    return file
  }

  @Test(
    "Lines along time, along frequency and oblique ones are told apart, however the axes lie",
    arguments: [false, true])
  func orientations(bandsFirst: Bool) throws {
    var kernels = Tensor([Self.shapes.count, 1, 5, 5])
    for (filter, shape) in Self.shapes.enumerated() {
      for time in 0..<5 {
        for band in 0..<5 {
          if bandsFirst {
            kernels[filter, 0, band, time] = shape.value(time, band)
          } else {
            kernels[filter, 0, time, band] = shape.value(time, band)
          }
        }
      }
    }
    let input: [HandmadeONNX.Extent] = bandsFirst ? ["N", 1, 8, 12] : ["N", 1, 12, 8]
    let model = try Toy.model(file(kernels, input))
    let filters = try FirstFilters(of: model)
    #expect(filters.form == .picture && filters.tensor == "filtered")
    #expect(filters.kernels.shape == [5, 1, 5, 5])
    for filter in filters.filters {
      let shape = Self.shapes[filter.channel]
      let orientation = try #require(filter.orientation)
      #expect(orientation.kind == shape.kind, "\(filter.channel): \(orientation)")
      if shape.kind == .none {
        #expect(orientation.coherence < 1e-6)
      } else {
        // A hundredth of a degree: single precision of the spectrum.
        #expect(abs(orientation.angle - shape.angle) < 0.01, "\(filter.channel): \(orientation)")
      }
    }
    #expect(
      filters.filters.map(\.channel)
        == [0, 1, 2, 3, 4].sorted {
          (Self.shapes[$0].kind.place, $0) < (Self.shapes[$1].kind.place, $1)
        })
    // Five frames 4 ms apart, and their window of 8 ms.
    #expect(
      abs(filters.extent.seconds - (4 * 0.004 + 0.008)) < 1e-9 && abs(filters.pitch.seconds - 0.004) < 1e-9)
  }

  @Test("The spectrum of a kernel is that of the definition")
  func spectrum() {
    var generator = SplitMix64(seed: 2)
    let kernel = Tensor([2, 3, 4], (0..<24).map { _ in Float.random(in: -1...1, using: &generator) })
    let spectrum = KernelSpectrum(kernel)
    #expect(spectrum.power.shape == [32, 32])
    for (u, v) in [(16, 16), (0, 0), (20, 3), (31, 17)] {
      var power = 0.0
      for input in 0..<2 {
        var (real, imaginary) = (0.0, 0.0)
        for time in 0..<3 {
          for band in 0..<4 {
            let angle = -2 * Double.pi * Double((u - 16) * time + (v - 16) * band) / 32
            real += Double(kernel[input, time, band]) * cos(angle)
            imaginary += Double(kernel[input, time, band]) * sin(angle)
          }
        }
        power += real * real + imaginary * imaginary
      }
      #expect(abs(Double(spectrum.power[u, v]) - power) < 1e-5 * max(1, power))
    }
  }

  @Test("Filters on samples stand in the order of their centres, at the frequencies they were made for")
  func samples() throws {
    let (rate, taps) = (8000, 128)
    let centres = [2500.0, 300, 1200]
    var kernels = Tensor([4, 1, taps])
    for (filter, centre) in centres.enumerated() {
      for tap in 0..<taps {
        let window = 0.5 - 0.5 * cos(2 * .pi * (Double(tap) + 0.5) / Double(taps))
        kernels[filter, 0, tap] = Float(window * cos(2 * .pi * centre * Double(tap) / Double(rate)))
      }
    }
    let frontEnd = try FrontEnd(
      sampleRate: rate, analysis: nil, patch: .init(frames: 1024, hop: 1024, tail: .padToHop))
    let model = try Toy.model(file(kernels, ["N", 1, 1024]), frontEnd)
    let filters = try FirstFilters(of: model)
    // The filter of zeros comes last.
    #expect(filters.form == .samples && filters.filters.map(\.channel) == [1, 2, 0, 3])
    for filter in filters.filters.dropLast() {
      // A tenth of a bin of the padded transform.
      #expect(abs(try #require(filter.centre) - centres[filter.channel]) < 2)
      // A Hann window of N samples lets 1.44 / N of the rate through at -3 dB.
      let bandwidth = try #require(filter.response?.bandwidth)
      #expect(abs(bandwidth - 1.44 * Double(rate) / Double(taps)) < 2)
    }
    #expect(filters.filters.last?.response?.centre == nil && filters.filters.last?.norm == 0)
  }

  @Test("Where bands are the convolution's channels, a filter's centre is the band it weighs most")
  func bandsAsChannels() throws {
    var kernels = Tensor([2, 8, 3])
    for tap in 0..<3 {
      kernels[0, 6, tap] = 1
      kernels[1, 1, tap] = -2
    }
    let model = try Toy.model(file(kernels, ["N", 8, 12]))
    let filters = try FirstFilters(of: model)
    #expect(filters.form == .bands && filters.kernels.shape == [2, 1, 3, 8])
    for filter in filters.filters {
      #expect(filter.centre == model.axes.bandCentres[filter.channel == 0 ? 6 : 1])
    }
    let span = model.axes.bands
    #expect(filters.extent.hertz == span[7].highest - span[0].lowest)
  }

  @Test("A network without a convolution over its picture has no filters, and says so")
  func without() throws {
    let model = try Toy.model(Toy.attention())
    #expect {
      try FirstFilters(of: model)
    } throws: { error in "\(error)".contains("has no convolution over its input 'sound'") }
  }
}

extension Orientation.Kind {
  fileprivate var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

import Fourier
import Glibc
package import Tensors

/// The two-dimensional spectrum of a kernel, its power summed over the pictures it takes.
///
/// `P[u, v] = Σ_i |Σ_t Σ_b k[i, t, b] e^(−2πi (u t / U + v b / V))|²`, of the kernel padded with zeros, for
/// `u = −U/2 ..< U/2` and `v = −V/2 ..< V/2`: modulation in time (cycles per frame, `u / U`) and over frequency (cycles per
/// band, `v / V`). Energy with `u` and `v` of opposite signs answers sweeps that rise, of like signs those that fall.
package struct KernelSpectrum: Sendable {
  /// `[U, V]`, zero in the middle: `u = −U/2` first.
  package let power: Tensor

  package var size: (times: Int, bands: Int) { (power.shape[0], power.shape[1]) }

  /// - Parameter kernel: `[inputs, times, bands]`.
  package init(_ kernel: Tensor) {
    let (inputs, times, bands) = (kernel.shape[0], kernel.shape[1], kernel.shape[2])
    let (width, height) = (Self.size(for: times), Self.size(for: bands))
    let (along, across) = (ComplexFourierPlan.shared(width), ComplexFourierPlan.shared(height))
    let (first, second) = (ComplexFourierBuffers(width), ComplexFourierBuffers(height))
    defer { withExtendedLifetime((first, second)) {} }
    let values = kernel.values
    var power = [Double](repeating: 0, count: width * height)
    for input in 0..<inputs {
      var rows = [SIMD2<Double>](repeating: .zero, count: width * bands)
      for band in 0..<bands {
        for time in 0..<width {
          first.input[time] = SIMD2(
            time < times ? Double(values[(input * times + time) * bands + band]) : 0, 0)
        }
        along.transform(first, inverse: false)
        for u in 0..<width { rows[u * bands + band] = first.output[u] }
      }
      for u in 0..<width {
        for band in 0..<height { second.input[band] = band < bands ? rows[u * bands + band] : .zero }
        across.transform(second, inverse: false)
        let row = (u + width / 2) % width
        for v in 0..<height {
          let value = second.output[v]
          power[row * height + (v + height / 2) % height] += value.x * value.x + value.y * value.y
        }
      }
    }
    self.power = Tensor([width, height], power.map { Float($0) })
  }

  /// A power of two: 32 at least, and no less than twice the kernel.
  private static func size(for extent: Int) -> Int {
    var size = 32
    while size < 2 * extent { size *= 2 }
    return size
  }

  /// The square root of the power, of modulations upwards alone (`v ≥ 0`, the others mirror them): `[U, V/2]`.
  package var magnitudes: Tensor {
    let (width, height) = size
    return Tensor(
      [width, height / 2],
      (0..<width * (height / 2)).map { place in
        power[place / (height / 2), height / 2 + place % (height / 2)].squareRoot()
      })
  }
}

/// Which way the lines of a kernel run: along time (harmonic), along frequency (percussive), or obliquely (sweeps).
///
/// From the structure tensor `J = Σ P[u, v] · [u'² u'v'; u'v' v'²]` over the kernel's spectrum, with `u' = u / U` and
/// `v' = v / V`: the spread of its energy, which is that of the slopes of the zero-padded kernel (Parseval; Bigün and Granlund,
/// ICCV 1987). The eigenvector of the larger eigenvalue is the direction in which the kernel changes most; its lines run at
/// right angles to it. `coherence = (λ₁ − λ₂) / (λ₁ + λ₂)`: 1 for lines alone, 0 where no direction is preferred.
package struct Orientation: Sendable, Hashable {
  /// Of the lines, in degrees above −90 up to 90: 0 along time, 90 along frequency, between them rising. A frame counts as
  /// long as a band.
  package let angle: Double
  package let coherence: Double
  package let kind: Kind

  package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Lines along time, up to 22.5 degrees off: what sustains.
    case horizontal
    /// Lines along frequency: onsets, clicks.
    case vertical
    /// Sweeps upwards.
    case rising
    /// Sweeps downwards.
    case falling
    /// No direction: coherence below `0.2`.
    case none

    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// Below it no direction is told. Kernels of 3 x 3 noise have .3 in the mean, and mostly more than .1.
  package static let leastCoherence = 0.2

  /// nil for a kernel of zeros.
  package init?(_ spectrum: KernelSpectrum) {
    let (width, height) = spectrum.size
    let power = spectrum.power.values
    var (along, across, mixed) = (0.0, 0.0, 0.0)
    for u in 0..<width {
      for v in 0..<height {
        let (x, y) = (Double(u - width / 2) / Double(width), Double(v - height / 2) / Double(height))
        let value = Double(power[u * height + v])
        along += value * x * x
        across += value * y * y
        // Half the sampling rate stands for both signs.
        if u > 0, v > 0 { mixed += value * x * y }
      }
    }
    guard along + across > 0 else { return nil }
    let difference = ((along - across) * (along - across) + 4 * mixed * mixed).squareRoot()
    coherence = difference / (along + across)
    let change = 0.5 * atan2(2 * mixed, along - across) * 180 / .pi
    var angle = change + 90
    if angle > 90 { angle -= 180 }
    self.angle = angle
    let steepness = abs(angle)
    kind =
      coherence < Self.leastCoherence
      ? .none
      : steepness <= 22.5 ? .horizontal : steepness >= 67.5 ? .vertical : angle > 0 ? .rising : .falling
  }
}

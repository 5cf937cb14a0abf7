import Tensors

/// From bands back to the bins they are sums of: non-negative least squares, of the smallest norm.
///
/// Of all `s ≥ 0` the one that minimises `½ Σ_k (s[k] − p[k])² / d[k] + Σ_b (B s − m)[b]² / 2 e[b]` for bands `m` and their
/// weights `B`, where the `e` are so small that bands are met to about 1e-9 wherever they can be. Without a model `p = 0`
/// and `d = 1`: the smoothest of the spectra that librosa's `nnls` chooses from. With a model spectrum `p`, `d` follows it,
/// so that a band that changed is amplified as it was, and one that did not keeps its bins exactly.
///
/// `s = max(0, p + d · Bᵀλ)` where `F(λ) = B s + e λ − m = 0`: the slope of a convex function of one number a band.
/// Newton's method on it, with the derivative of the bins that are above 0, ends at the exact minimum once these no longer
/// change. The `e` begin large and become small in four stages, about ten steps altogether. Bands overlap with few others,
/// so each step solves a narrow banded system.
struct BandInversion: Sendable {
  private let bank: FilterBank
  /// The weights in double precision.
  private let weights: [Double]
  /// How many bands further on a band shares a bin with.
  private let reach: Int

  init(_ bank: FilterBank) {
    self.bank = bank
    weights = bank.weights.map { Double($0) }
    var reach = 0
    for band in 0..<bank.bands {
      for other in band + 1..<max(band + 1, bank.bands) where !bank.common(band, other).isEmpty {
        reach = max(reach, other - band)
      }
    }
    self.reach = reach
  }

  /// Spectra `[frames, bins]`, in the same powers as the bands' sums, for bands `[frames, bands]`. What is negative in
  /// `bands` counts as 0.
  ///
  /// - Parameter model: the spectra to stay near, `[frames, bins]`.
  func spectra(of bands: Tensor, near model: Tensor? = nil) -> Tensor {
    let (frames, count, bins) = (bands.shape[0], bank.bands, bank.bins)
    precondition(bands.shape == [frames, count], "bands of \(bands.shape), not of [frames, \(count)]")
    return Tensor(unsafeUninitialized: [frames, bins]) { result in
      bands.withUnsafeValues { bands in
        // Read by all threads; written in rows that do not overlap.
        nonisolated(unsafe) let (result, bands) = (result, bands)
        let chunks = FrameAnalysis.chunks(of: frames)
        concurrently(chunks.count) { index in
          var solver = Solver(self)
          for frame in chunks[index] {
            let row = bands[frame * count..<(frame + 1) * count]
            solver.setModel(model.map { $0.rows(frame..<frame + 1).values })
            solver.solve(row.map { max(0, Double($0)) })
            for bin in 0..<bins { result[frame * bins + bin] = Float(solver.spectrum[bin]) }
          }
        }
      }
    }
  }
}

extension FilterBank {
  func bins(of band: Int) -> Range<Int> {
    firstBins[band]..<firstBins[band] + starts[band + 1] - starts[band]
  }

  /// The bins that two bands share.
  func common(_ band: Int, _ other: Int) -> Range<Int> {
    let (a, b) = (bins(of: band), bins(of: other))
    let low = max(a.lowerBound, b.lowerBound)
    return low..<max(low, min(a.upperBound, b.upperBound))
  }
}

extension BandInversion {
  /// The search for one frame's spectrum, in arrays that are used again for the next.
  private struct Solver {
    private let bank: FilterBank
    private let weights: [Double]
    private let reach: Int
    private(set) var spectrum: [Double]
    /// `p` and `d`.
    private var model: [Double]
    private var hasModel = false
    private var freedom: [Double]
    /// `e`
    private var slack: [Double]
    private var lambda: [Double]
    /// Where a step leads.
    private var direction: [Double]
    /// `Bᵀλ`, and `Bᵀ` of the direction.
    private var sums: [Double]
    private var change: [Double]
    private var isActive: [Bool]
    /// `Σ_k B d Bᵀ` of the active bins, the lower half of a band matrix, `[bands, reach + 1]`.
    private var matrix: [Double]

    init(_ inversion: BandInversion) {
      (bank, weights, reach) = (inversion.bank, inversion.weights, inversion.reach)
      spectrum = Array(repeating: 0, count: bank.bins)
      (model, freedom) = (spectrum, spectrum)
      (sums, change) = (spectrum, spectrum)
      isActive = Array(repeating: true, count: bank.bins)
      slack = Array(repeating: 0, count: bank.bands)
      (lambda, direction) = (slack, slack)
      matrix = Array(repeating: 0, count: bank.bands * (reach + 1))
    }

    /// - Parameter values: nil for none.
    mutating func setModel(_ values: [Float]?) {
      model = values.map { $0.map { max(0, Double($0)) } } ?? Array(repeating: 0, count: bank.bins)
      freedom = Array(repeating: 1, count: bank.bins)
      let mean = model.reduce(0, +) / Double(bank.bins)
      hasModel = mean > 0
      guard hasModel else { return }
      // A thousandth of what is around, so that silent bins can sound, too.
      var (sums, shares) = (
        [Double](repeating: 0, count: bank.bins), [Double](repeating: 0, count: bank.bins)
      )
      for band in 0..<bank.bands {
        let (first, range) = (bank.firstBins[band], bank.starts[band]..<bank.starts[band + 1])
        var (sum, share) = (0.0, 0.0)
        for place in range {
          sum += weights[place] * model[first + place - range.lowerBound]
          share += weights[place]
        }
        for place in range {
          sums[first + place - range.lowerBound] += weights[place] * (share > 0 ? sum / share : 0)
          shares[first + place - range.lowerBound] += weights[place]
        }
      }
      for bin in 0..<bank.bins {
        let around = shares[bin] > 0 ? sums[bin] / shares[bin] : 0
        freedom[bin] = model[bin] + 1e-3 * around + 1e-12 * mean
      }
    }

    mutating func solve(_ bands: [Double]) {
      for bin in isActive.indices { isActive[bin] = true }
      for band in slack.indices { lambda[band] = 0 }
      for bin in sums.indices { sums[bin] = 0 }
      fillMatrix()
      let diagonal = slack.indices.map { matrix[$0 * (reach + 1)] }
      let mean = diagonal.reduce(0, +) / Double(max(1, diagonal.count))
      var isFirst = true
      for stage in [1e-2, 1e-4, 1e-6, 1e-9] {
        // Without a model, squares of all bands count alike.
        for band in slack.indices {
          slack[band] = diagonal[band] > 0 ? stage * (hasModel ? diagonal[band] : mean) : 1
        }
        for _ in 0..<50 {
          if step(bands, isWhole: isFirst) { break }
          isFirst = false
        }
      }
      for bin in spectrum.indices { spectrum[bin] = max(0, spectrum[bin]) }
    }

    /// One step of Newton's, or as much of it as the convex function falls. Whether that ended at the minimum.
    private mutating func step(_ bands: [Double], isWhole: Bool) -> Bool {
      let candidate = newton(bands)
      for band in lambda.indices { direction[band] = candidate[band] - lambda[band] }
      spread(direction, into: &change)
      var share = 1.0
      if !isWhole {
        let before = slope(0, bands)
        let after = slope(1, bands)
        if after > 1e-12 * abs(before) { share = lowest(bands, (0, before), (1, after)) }
      }
      for band in lambda.indices { lambda[band] += share * direction[band] }
      spread(lambda, into: &sums)
      var changed = false
      for bin in isActive.indices {
        spectrum[bin] = model[bin] + freedom[bin] * sums[bin]
        if isActive[bin] != (spectrum[bin] > 0) {
          isActive[bin].toggle()
          changed = true
        }
      }
      return !changed && share == 1
    }

    /// Where between two shares of the direction the slope, which rises, is about 0: regula falsi, as Illinois's.
    private func lowest(
      _ bands: [Double], _ low: (share: Double, slope: Double), _ high: (share: Double, slope: Double)
    ) -> Double {
      var (low, high) = (low, high)
      let enough = 0.1 * abs(low.slope)
      var share = high.share
      for _ in 0..<30 {
        let width = high.share - low.share
        let rise = high.slope - low.slope
        let guess = rise > 0 ? low.share - low.slope * width / rise : low.share
        share = min(max(guess, low.share + 1e-3 * width), high.share - 1e-3 * width)
        let slope = slope(share, bands)
        if abs(slope) < enough { break }
        if slope < 0 {
          low = (share, slope)
          high.slope /= 2
        } else {
          high = (share, slope)
          low.slope /= 2
        }
      }
      return share
    }

    /// `Bᵀλ`
    private func spread(_ lambda: [Double], into sums: inout [Double]) {
      sums.withUnsafeMutableBufferPointer { sums in
        weights.withUnsafeBufferPointer { weights in
          sums.update(repeating: 0)
          for band in lambda.indices {
            let (start, value) = (bank.starts[band], lambda[band])
            let offset = bank.firstBins[band] - start
            for place in start..<bank.starts[band + 1] { sums[offset + place] += weights[place] * value }
          }
        }
      }
    }

    /// `F` times the direction, after a share of it: `B` goes over to the direction, whose `Bᵀ` is known.
    private func slope(_ share: Double, _ bands: [Double]) -> Double {
      var slope = 0.0
      for band in lambda.indices {
        slope += (slack[band] * (lambda[band] + share * direction[band]) - bands[band]) * direction[band]
      }
      model.withUnsafeBufferPointer { model in
        freedom.withUnsafeBufferPointer { freedom in
          sums.withUnsafeBufferPointer { sums in
            change.withUnsafeBufferPointer { change in
              for bin in model.indices {
                slope += max(0, model[bin] + freedom[bin] * (sums[bin] + share * change[bin])) * change[bin]
              }
            }
          }
        }
      }
      return slope
    }

    /// Where `F` would be 0 if the active bins stayed the same.
    private mutating func newton(_ bands: [Double]) -> [Double] {
      fillMatrix()
      var right = bands
      for band in right.indices {
        matrix[band * (reach + 1)] += slack[band]
        let (first, start) = (bank.firstBins[band], bank.starts[band])
        for place in start..<bank.starts[band + 1] where isActive[first + place - start] {
          right[band] -= weights[place] * model[first + place - start]
        }
      }
      solveMatrix(&right)
      return right
    }

    private mutating func fillMatrix() {
      for band in slack.indices {
        for distance in 0...min(reach, band) {
          let other = band - distance
          let offset = bank.starts[band] - bank.firstBins[band]
          let otherOffset = bank.starts[other] - bank.firstBins[other]
          var sum = 0.0
          for bin in bank.common(other, band) where isActive[bin] {
            sum += weights[offset + bin] * weights[otherOffset + bin] * freedom[bin]
          }
          matrix[band * (reach + 1) + distance] = sum
        }
      }
    }

    /// Cholesky's factors of a band matrix, and what they make of the right side.
    private mutating func solveMatrix(_ right: inout [Double]) {
      let width = reach + 1
      for row in right.indices {
        for distance in stride(from: min(reach, row), through: 0, by: -1) {
          let column = row - distance
          var sum = matrix[row * width + distance]
          for other in max(0, row - reach)..<max(max(0, row - reach), column)
          where column - other <= reach {
            sum -= matrix[row * width + row - other] * matrix[column * width + column - other]
          }
          if distance > 0 {
            matrix[row * width + distance] = sum / matrix[column * width]
          } else {
            matrix[row * width] = max(sum, 1e-300).squareRoot()
          }
        }
      }
      for row in right.indices {
        for distance in 1..<max(1, min(reach, row) + 1) {
          right[row] -= matrix[row * width + distance] * right[row - distance]
        }
        right[row] /= matrix[row * width]
      }
      for row in right.indices.reversed() {
        right[row] /= matrix[row * width]
        for distance in 1..<max(1, min(reach, row) + 1) {
          right[row - distance] -= matrix[row * width + distance] * right[row]
        }
      }
    }
  }
}

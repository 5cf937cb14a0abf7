import Files

/// How long a piece of work took.
package struct BenchRecord: Codable, Sendable {
  package let what: String
  package let model: String
  package let batch: Int
  package let threads: Int
  package let medianSeconds: Double
  package let lowerQuartileSeconds: Double
  package let upperQuartileSeconds: Double
  /// Of each run, in the order they were made.
  package let seconds: [Double]
  /// Of one run.
  package let multiplyAccumulates: Int
  package let gigaflops: Double
  /// What the machine does in a large matrix product.
  package let peakGigaflops: Double
  package let shareOfPeak: Double
  package let arenaBytes: Int
  package let peakResidentBytes: Int
  /// Where the time goes, of another run whose kernels are timed one by one; nil where nobody asked.
  package let profile: KernelTable?

  private enum CodingKeys: String, CodingKey {
    case what, model, batch, threads, profile
    case medianSeconds = "median_s"
    case lowerQuartileSeconds = "lower_quartile_s"
    case upperQuartileSeconds = "upper_quartile_s"
    case seconds = "runs_s"
    case multiplyAccumulates = "multiply_accumulates"
    case gigaflops = "gflops"
    case peakGigaflops = "peak_gflops"
    case shareOfPeak = "share_of_peak"
    case arenaBytes = "arena_bytes"
    case peakResidentBytes = "peak_resident_bytes"
  }

  /// - Parameter peak: multiply-accumulates a second.
  package init(
    what: String, model: String, batch: Int, threads: Int, _ measured: Measurement, peak: Double,
    profile: KernelTable? = nil
  ) {
    (self.what, self.model, self.batch, self.threads) = (what, model, batch, threads)
    medianSeconds = measured.median
    (lowerQuartileSeconds, upperQuartileSeconds) = measured.quartiles
    seconds = measured.seconds
    multiplyAccumulates = measured.multiplyAccumulates
    (gigaflops, peakGigaflops) = (measured.rate * 2e-9, peak * 2e-9)
    shareOfPeak = measured.rate / peak
    (arenaBytes, peakResidentBytes) = (measured.arenaBytes, measured.residentBytes)
    self.profile = profile
  }

  /// For people, in lines.
  package var lines: [String] {
    let milliseconds = { (seconds: Double) in NumberText.rounded(seconds * 1000, digits: 4) }
    return [
      "\(what), batch \(batch), \(threads) \(threads == 1 ? "thread" : "threads"): "
        + "median \(milliseconds(medianSeconds)) ms (quartiles \(milliseconds(lowerQuartileSeconds)) and "
        + "\(milliseconds(upperQuartileSeconds)), \(seconds.count) \(seconds.count == 1 ? "run" : "runs"))",
      "  \(NumberText.grouped(multiplyAccumulates)) multiply-accumulates: "
        + "\(NumberText.rounded(gigaflops, digits: 3)) GFLOP/s, "
        + "\(Int((100 * shareOfPeak).rounded())) % of this machine's \(NumberText.rounded(peakGigaflops, digits: 3))",
      "  \(NumberText.memory(arenaBytes)) of intermediate results, \(NumberText.memory(peakResidentBytes)) resident "
        + "at most",
    ] + (profile?.lines() ?? [])
  }
}

import Audio
import FoundationEssentials
import Tensors
import TestSupport
import Testing

/// The way back through every step is its derivative, by differences of the picture itself.
struct FrontEndPullbackTests {
  /// Changes to a small front end of 8 kHz.
  struct Case: Sendable, CustomTestStringConvertible {
    var changes: String
    var testDescription: String { changes }
  }

  private static let base = [
    ("sample_rate", "8000"), ("window", "50"), ("hop", "20"), ("fft", "64"), ("framing", "\"from-start\""),
    ("spectrum", "\"power\""),
    (
      "mel",
      "{\"bands\": 9, \"lowest\": 100, \"highest\": 3900, \"scale\": \"htk\", \"norm\": \"none\", "
        + "\"construction\": \"librosa\"}"
    ), ("compression", "{\"kind\": \"log\", \"base\": \"natural\", \"scale\": 1, \"offset\": 0.01}"),
    ("patch", "{\"frames\": 12, \"hop\": 6, \"tail\": \"pad-to-hop\"}"),
  ]

  /// The front end with other values at the top.
  static func frontEnd(_ changes: String) throws -> FrontEnd {
    var keys = Set(topKeys(of: changes))
    if keys.contains("bands") { keys.insert("mel") }
    if keys.contains("samples") { keys.formUnion(base.map(\.0).dropFirst()) }
    let kept = base.filter { !keys.contains($0.0) }.map { "\"\($0.0)\": \($0.1)" }
    let all = (kept + (changes.isEmpty ? [] : [changes])).joined(separator: ", ")
    return try JSONDecoder().decode(FrontEnd.self, from: Data("{\(all)}".utf8))
  }

  /// The keys outside of all brackets.
  private static func topKeys(of text: String) -> [String] {
    var (depth, quoted, keys) = (0, "", [String]())
    var isQuoted = false
    for character in text {
      switch character {
      case "{", "[": depth += 1
      case "}", "]": depth -= 1
      case "\"":
        isQuoted.toggle()
        if isQuoted { quoted = "" }
      case ":": if depth == 0, !isQuoted { keys.append(quoted) }
      default: if isQuoted { quoted.append(character) }
      }
    }
    return keys
  }

  static let cases: [Case] = [
    // The sound.
    "", "\"scaling\": 3", "\"scaling\": \"peak\"", "\"scaling\": \"standard\"",
    "\"scaling\": {\"kind\": \"standard\", \"epsilon\": 0.5}", "\"remove_mean\": true",
    "\"pre_emphasis\": 0.97",
    "\"scaling\": \"standard\", \"remove_mean\": true, \"pre_emphasis\": -0.5", "\"length\": 700",
    // Frames.
    "\"window_shape\": \"hamming\"", "\"window_shape\": \"povey\"", "\"window_shape\": \"blackman\"",
    "\"window_shape\": \"rectangular\"", "\"window_symmetry\": \"symmetric\"",
    "\"window_scaling\": \"energy\"",
    "\"window_scaling\": \"length\"", "\"window_scaling\": \"sum\"",
    "\"window_scaling\": \"one-sided-spectrum\"",
    "\"window_scaling\": \"one-sided-density\"", "\"framing\": \"centred\"",
    "\"framing\": \"centred\", \"padding\": \"reflect\"",
    "\"framing\": \"centred\", \"padding\": \"symmetric\"",
    "\"framing\": \"centred\", \"padding\": \"edge\"", "\"padding\": \"reflect\"",
    "\"framing\": \"hop-centred\"",
    "\"framing\": \"inside-transform\"", "\"remove_frame_mean\": true", "\"frame_pre_emphasis\": 0.97",
    "\"remove_frame_mean\": true, \"frame_pre_emphasis\": 0.5, \"framing\": \"centred\", \"padding\": \"reflect\"",
    "\"drop_last_frame\": true, \"framing\": \"centred\"", "\"fft\": 51", "\"hop\": 70",
    "\"framing\": \"centred\", \"resolutions\": [{\"window\": 96, \"fft\": 128}, {\"window\": 30, \"fft\": 40}]",
    // Spectra and bands.
    "\"spectrum\": \"magnitude\"", "\"spectrum\": 1.5", "\"spectrum\": 3",
    "\"bands\": {\"kind\": \"linear\"}",
    "\"bands\": {\"kind\": \"linear\", \"lowest\": 500, \"highest\": 2000}",
    "\"bands\": {\"kind\": \"logarithmic\", \"count\": 11, \"lowest\": 80, \"highest\": 4000}",
    """
    "mel": {"bands": 9, "lowest": 100, "highest": 3900, "scale": "kaldi", "norm": "none", "construction": "kaldi"}
    """,
    """
    "mel": {"bands": 9, "lowest": 0, "highest": 4000, "scale": "slaney", "norm": "slaney", "construction": "speechbrain"}
    """,
    // Compression.
    "\"compression\": {\"kind\": \"log\", \"base\": \"two\", \"floor\": 1e-3}",
    "\"compression\": {\"kind\": \"log\", \"base\": \"ten\", \"scale\": 7, \"offset\": 0.1}",
    "\"compression\": {\"kind\": \"decibels\", \"floor\": 1e-3}",
    "\"compression\": {\"kind\": \"decibels\", \"floor\": 1e-3, \"factor\": 20, \"reference\": 4}",
    "\"compression\": {\"kind\": \"decibels\", \"floor\": 1e-6, \"reference\": \"max\"}",
    "\"compression\": {\"kind\": \"decibels\", \"floor\": 1e-6, \"top_db\": 12}",
    "\"compression\": {\"kind\": \"power\", \"exponent\": 0.3}", "\"compression\": {\"kind\": \"none\"}",
    "\"compression\": {\"kind\": \"pcen\", \"time_constant\": 0.02}",
    // Steps on the picture.
    "\"steps\": [{\"kind\": \"affine\", \"scale\": 0.25, \"shift\": 4}]",
    "\"steps\": [{\"kind\": \"statistics\", \"mean\": -2, \"deviation\": 3}]",
    "\"steps\": [{\"kind\": \"statistics\", \"mean\": [1,2,3,4,5,6,7,8,9], \"deviation\": [9,8,7,6,5,4,3,2,1]}]",
    "\"steps\": [{\"kind\": \"standardise\"}]",
    "\"steps\": [{\"kind\": \"standardise\", \"over\": \"band\", \"unbiased\": true, \"epsilon\": 0.2}]",
    "\"steps\": [{\"kind\": \"standardise\", \"over\": \"frame\", \"epsilon\": 0.2, \"guard\": \"added-to-variance\"}]",
    "\"steps\": [{\"kind\": \"standardise\", \"over\": \"band\", \"epsilon\": 0.6, \"guard\": \"least\"}]",
    "\"steps\": [{\"kind\": \"standardise\", \"centre\": false}]",
    "\"steps\": [{\"kind\": \"standardise\", \"scale\": false}]",
    "\"steps\": [{\"kind\": \"subtract-maximum\"}, {\"kind\": \"raise-to-range\", \"range\": 4}]",
    "\"steps\": [{\"kind\": \"unit-range\", \"epsilon\": 0.1}]", "\"steps\": [{\"kind\": \"unit-peak\"}]",
    "\"steps\": [{\"kind\": \"clip\", \"lowest\": -2, \"highest\": 1}]",
    "\"steps\": [{\"kind\": \"cepstra\", \"count\": 5, \"lifter\": 22}]",
    "\"steps\": [{\"kind\": \"cepstra\", \"count\": 9, \"orthonormal\": false, \"lifter\": 8, \"lifter_kind\": \"kaldi\"}]",
    // Patches.
    "\"patch\": {\"frames\": 80, \"hop\": 80, \"tail\": \"pad-to-hop\", \"fill\": \"copies\"}",
    "\"patch\": {\"frames\": 80, \"hop\": 80, \"tail\": \"drop-incomplete\", \"fill\": \"wrap\"}",
    "\"patch\": {\"frames\": 80, \"hop\": 80, \"tail\": \"pad-to-hop\", \"fill\": \"edge\"}",
    "\"patch\": {\"frames\": 12, \"hop\": 12, \"tail\": \"pad-frames\", \"pad_value\": 1}",
    "\"patch\": {\"frames\": \"any\"}",
    // Samples.
    "\"samples\": {\"length\": 300}", "\"samples\": {}, \"scaling\": \"standard\"",
    "\"samples\": {\"length\": 64, \"hop\": 16, \"centred\": true, \"tail\": \"drop-incomplete\"}, \"pre_emphasis\": 0.9",
    "\"samples\": {\"length\": 1000, \"fill\": \"wrap\"}, \"steps\": [{\"kind\": \"unit-peak\"}]",
  ].map { Case(changes: $0) }

  /// Noise with one sample that is clearly the largest.
  private func noise(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SplitMix64(seed: seed)
    var noise = (0..<count).map { _ in Float.random(in: -0.5...0.5, using: &generator) }
    if count > 450 { noise[450] = 0.8 }
    return noise
  }

  // A step of 2e-4 along a direction of unit length a sample changes pictures by some 1e-3 of their range: their
  // rounding, 1e-7 of it, is then 1e-4 of the difference, and the third derivative's share is below that. What is
  // left are kinks that a step crosses, each one value of hundreds.
  @Test("Its way back is the derivative, in the middle and at both ends", arguments: cases)
  func differences(_ example: Case) throws {
    let frontEnd = try Self.frontEnd(example.changes)
    let samples = noise(903, seed: 3)
    let picture = frontEnd.logMel(samples)
    #expect(
      picture.shape == [
        frontEnd.frameCount(samples: samples.count), frontEnd.pictureCount * frontEnd.bandCount,
      ])
    let seed = Tensor(picture.shape, noise(picture.count, seed: 4))
    let gradient = frontEnd.pullback(seed, at: samples).values
    #expect(gradient.count == samples.count)
    func loss(_ samples: [Float]) -> Double {
      zip(frontEnd.logMel(samples).values, seed.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let size = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    for (part, range) in [("all", 0..<903), ("begin", 0..<40), ("end", 863..<903)] {
      // Along the gradient of that part: the longest slope there is.
      let direction = samples.indices.map { range.contains($0) ? gradient[$0] : 0 }
      let length = direction.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      guard length > 1e-3 * size else { continue }
      let step = Float(4e-3 / length)
      let (up, down) = (
        zip(samples, direction).map { $0 + step * $1 }, zip(samples, direction).map { $0 - step * $1 }
      )
      // The points as they were rounded.
      let exact = zip(zip(up, down), gradient).reduce(0) {
        $0 + (Double($1.0.0) - Double($1.0.1)) * Double($1.1)
      }
      let found = loss(up) - loss(down)
      #expect(abs(found - exact) < 5e-3 * abs(exact), "\(part): \(found) against \(exact)")
    }
  }

  @Test("From magnitudes too", arguments: cases.filter { !$0.changes.contains("samples") })
  func differencesOfMagnitudes(_ example: Case) throws {
    let frontEnd = try Self.frontEnd(example.changes)
    let magnitudes = frontEnd.magnitudes(noise(903, seed: 5))
    let picture = frontEnd.logMel(magnitudes: magnitudes)
    let seed = Tensor(picture.shape, noise(picture.count, seed: 6))
    let gradient = frontEnd.pullback(seed, atMagnitudes: magnitudes).values
    func loss(_ values: [Float]) -> Double {
      zip(frontEnd.logMel(magnitudes: Tensor(magnitudes.shape, values)).values, seed.values)
        .reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let values = magnitudes.values
    let length = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    // A tenth of a thousandth of what the largest magnitudes are.
    let step = Float(1e-3 * Double(values.max() ?? 0) / length)
    let (up, down) = (
      zip(values, gradient).map { $0 + step * $1 }, zip(values, gradient).map { $0 - step * $1 }
    )
    let exact = zip(zip(up, down), gradient).reduce(0) {
      $0 + (Double($1.0.0) - Double($1.0.1)) * Double($1.1)
    }
    let found = loss(up) - loss(down)
    #expect(abs(found - exact) < 5e-3 * abs(exact), "\(found) against \(exact)")
  }

  @Test(
    "The picture of the magnitudes is the picture of the sound",
    arguments: cases.filter { !$0.changes.contains("samples") && !$0.changes.contains("resolutions") })
  func magnitudes(_ example: Case) throws {
    let frontEnd = try Self.frontEnd(example.changes)
    let samples = noise(500, seed: 8)
    let (direct, through) = (
      frontEnd.logMel(samples), frontEnd.logMel(magnitudes: frontEnd.magnitudes(samples))
    )
    // Magnitudes are rounded to 6e-8, which compressions and standard deviations multiply by some tens.
    let range = (direct.values.max() ?? 0) - (direct.values.min() ?? 0)
    #expect(zip(direct.values, through.values).allSatisfy { abs($0 - $1) < 1e-5 * max(1, range) })
  }

  @Test("Silence, faint and full, has a derivative without a number that is none", arguments: cases)
  func silence(_ example: Case) throws {
    let frontEnd = try Self.frontEnd(example.changes)
    for samples in [
      noise(400, seed: 7) + [Float](repeating: 0, count: 600) + noise(400, seed: 8).map { $0 * 1e-22 },
      [Float](repeating: 0, count: 900), [], [0.1],
    ] {
      let picture = frontEnd.logMel(samples)
      #expect(picture.values.allSatisfy { $0.isFinite })
      #expect(
        frontEnd.pullback(Tensor(picture.shape, repeating: 1), at: samples).values.allSatisfy { $0.isFinite })
      #expect(frontEnd.inputs(of: frontEnd.patches(of: picture)).values.allSatisfy { $0.isFinite })
    }
  }

  @Test("A front end comes back from its own JSON", arguments: cases)
  func roundTrip(_ example: Case) throws {
    let frontEnd = try Self.frontEnd(example.changes)
    #expect(try JSONDecoder().decode(FrontEnd.self, from: JSONEncoder().encode(frontEnd)) == frontEnd)
    if !example.changes.isEmpty { #expect(try frontEnd != Self.frontEnd("")) }
  }
}

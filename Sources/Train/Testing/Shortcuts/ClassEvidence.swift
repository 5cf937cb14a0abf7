public import Explain

/// What a class's probability rests on, over its clips that the network gets right.
public struct ClassEvidence: Sendable {
  public typealias Measured = GroupedBootstrap.Measured

  public let index: Int
  public let name: String
  /// Clips that were right, and heard without each part.
  public let clips: Int
  /// By how much of itself the probability falls without a part; clips that do not have it count as 0.
  public let drops: [PicturePart: Measured]
  /// The same, mean over the other classes; set when all are known.
  public internal(set) var dropsOfOthers: [PicturePart: Double] = [:]
  /// The share of the class's energy in each slice of bands.
  public let energy: [Double]
  /// The share of clips that have padding of a twentieth and more, and gaps.
  public let padded: Double
  public let gapped: Double
  /// Where the gradient of the class's score lies: over bands and over parts of the clip's length.
  public let saliency: AverageEvidence

  init(_ index: Int, _ name: String, _ all: [ClipFinding], _ settings: ShortcutSearch.Settings) {
    let findings = all.filter(\.isRight)
    (self.index, self.name, clips) = (index, name, findings.count)
    let parts = Set(findings.flatMap(\.drops.keys))
    let order = Array(parts)
    let bootstrap = GroupedBootstrap(
      groups: findings.map(\.group), draws: settings.draws, seed: settings.seed)
    let measured = bootstrap.measured { weights in
      let whole = weights.reduce(0, +)
      return order.map { part in
        whole > 0
          ? zip(findings, weights).reduce(0) { $0 + $1.1 * ($1.0.drops[part] ?? 0) } / whole : nil
      }
    }
    drops = Dictionary(uniqueKeysWithValues: zip(order, measured))
    let count = Double(max(1, findings.count))
    energy = (findings.first?.energy ?? []).indices.map { slice in
      findings.reduce(0) { $0 + $1.energy[slice] } / count
    }
    padded = Double(findings.count { $0.paddingShare >= 0.05 }) / count
    gapped = Double(findings.count { $0.silenceShare > 0 }) / count
    saliency = findings.compactMap(\.saliency).reduce(into: AverageEvidence()) { $0.add($1) }
  }

  public func drop(_ part: PicturePart) -> Double { drops[part]?.value ?? 0 }

  /// What the class loses more than the others do.
  func excess(_ part: PicturePart) -> Double { drop(part) - (dropsOfOthers[part] ?? 0) }

  /// Of what the class loses, without one slice of bands after the other, the share of each band.
  public func evidenceOverBands(_ slices: BandSlices) -> [Double] {
    let bands = slices.overBands(slices.ranges.indices.map { max(0, drop(.band($0))) })
    let whole = bands.reduce(0, +)
    return bands.map { whole > 0 ? $0 / whole : 0 }
  }

  /// Whether a slice stands out of the class's others, and of what others lose there: enough to look for a tone in it.
  ///
  /// A network that hears several things at once loses little without one of them.
  func leans(onBand slice: Int, of slices: Int) -> Bool {
    let part = PicturePart.band(slice)
    guard let drop = drops[part], let value = drop.value else { return false }
    let all = (0..<slices).map { self.drop(.band($0)) }.sorted()
    return (drop.low ?? value / 2) >= 0.05 && excess(part) >= 0.1 && value >= 1.5 * all[all.count / 2] + 0.03
  }

  /// Whether the class loses so much without the part, and so much more than others, that it seems to rest on it.
  ///
  /// A fifth at the lower end of the interval, where there is one, and a quarter more than the others.
  func rests(on part: PicturePart) -> Bool {
    guard let drop = drops[part], let value = drop.value else { return false }
    return (drop.low ?? value / 2) >= 0.2 && excess(part) >= 0.25
  }
}

/// A frequency that is kept up throughout, in a class's clips more than in others'.
struct SteadyTone {
  let bin: Int
  /// The shares of the class's clips, and of all others, that have it.
  let presence: Double
  let presenceInOthers: Double
  /// How many of the class's clips have it.
  let count: Int

  /// From so many dB on a frequency stands out.
  private static let least: Float = 4

  /// The frequency of `bins` that stands out most in the class's clips, and the level that tells these best from others.
  init?(_ own: [ClipFinding], _ others: [ClipFinding], bins: Range<Int>) {
    guard !own.isEmpty, !bins.isEmpty else { return nil }
    let means = bins.map { bin in own.reduce(Float(0)) { $0 + $1.prominence[bin] } / Float(own.count) }
    guard let most = means.max(), let place = means.firstIndex(of: most) else { return nil }
    bin = bins.lowerBound + place
    // A tone between two bins is in both.
    let near = max(bins.lowerBound, bin - 1)..<min(bins.upperBound, bin + 2)
    func level(_ clip: ClipFinding) -> Float { near.map { clip.prominence[$0] }.max() ?? 0 }
    let (levels, foreign) = (own.map(level), others.map(level))
    func shares(_ threshold: Float) -> (Double, Double) {
      (
        Double(levels.count { $0 >= threshold }) / Double(levels.count),
        Double(foreign.count { $0 >= threshold }) / Double(max(1, foreign.count))
      )
    }
    let thresholds = Set(levels.filter { $0 >= Self.least }).union([Self.least])
    let best = thresholds.sorted().map(shares).max { $0.0 - $0.1 < $1.0 - $1.1 }
    (presence, presenceInOthers) = best ?? (0, 0)
    count = Int((presence * Double(own.count)).rounded())
  }

  /// Whether it tells the class from others, in so many clips that chance does not.
  var isTelling: Bool { distinction >= 0.6 && count >= 5 }

  /// How well it tells the class: 1 where all of its clips have it and none else.
  var distinction: Double { presence - presenceInOthers }
}

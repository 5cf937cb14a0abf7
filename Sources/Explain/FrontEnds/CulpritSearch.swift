public import Audio
import Tensors

/// Which single change of a setting makes the difference to another program's result vanish, found by trying.
///
/// Every setting is given the values that people and libraries use; settings that are numbers are then refined between the
/// values that came nearest. A setting is a culprit where its change alone leaves no more than the tolerance.
public struct CulpritSearch: Sendable {
  /// How far a way to hear is from the other program's result.
  public struct Distance: Sendable, Hashable {
    /// The largest difference over the range of theirs.
    public let share: Double
    /// The root of the mean square over that range.
    public let typical: Double
    /// Whether both have the same extents.
    public let isAligned: Bool

    public init(share: Double, typical: Double, isAligned: Bool) {
      self.share = share.isFinite ? share : .infinity
      self.typical = typical.isFinite ? typical : .infinity
      self.isAligned = isAligned
    }
  }

  /// One setting, as the other program seems to have it, and what is left of the difference then.
  public struct Explanation: Sendable, Hashable {
    public let setting: HearingSetting
    public let ours: String
    public let theirs: String
    public let remaining: Distance

    public init(_ setting: HearingSetting, ours: String, theirs: String, remaining: Distance) {
      (self.setting, self.ours, self.theirs, self.remaining) = (setting, ours, theirs, remaining)
    }
  }

  /// What rounding may leave: so much of the range at the worst place, and typically.
  public struct Tolerance: Sendable, Hashable {
    public var share: Double
    public var typical: Double

    public init(share: Double, typical: Double) { (self.share, self.typical) = (share, typical) }

    func covers(_ distance: Distance) -> Bool { distance.share <= share && distance.typical <= typical }
  }

  public enum Verdict: String, Sendable, Codable {
    /// There is no difference to explain.
    case agrees
    /// One setting explains it.
    case culprit
    /// No setting alone does.
    case noneAlone = "none-alone"
  }

  public struct Outcome: Sendable {
    public let verdict: Verdict
    /// Of what this front end gives as it is.
    public let base: Distance
    /// The settings that explain the difference alone, the likeliest first; each once.
    public let culprits: [Explanation]
    /// Those that leave the least, the best first; each once.
    public let nearest: [Explanation]
    /// How many changes were tried.
    public let tried: Int
  }

  /// What counts as none.
  public let tolerance: Tolerance
  /// How many changes are tried side by side.
  public let lanes: Int
  private let measure: @Sendable (Hearing) throws -> Distance

  public init(
    tolerance: Tolerance, lanes: Int, measure: @escaping @Sendable (Hearing) throws -> Distance
  ) {
    (self.tolerance, self.lanes, self.measure) = (tolerance, lanes, measure)
  }

  /// - Parameters:
  ///   - theirs: the extents of the other program's patches, where they are known.
  ///   - known: explanations that need no trying.
  /// - Throws: `Cancelled`; what measuring the unchanged front end throws. A change that cannot be measured is passed over.
  public func search(
    _ hearing: Hearing, of sound: HeardSound, theirs: PatchExtents? = nil,
    known: [Explanation] = [], control: RunControl = RunControl()
  ) throws -> Outcome {
    let base = try measure(hearing)
    guard !(tolerance.covers(base) && base.isAligned) else {
      return Outcome(verdict: .agrees, base: base, culprits: [], nearest: [], tried: 0)
    }
    let families = HearingChanges.all(of: hearing, for: sound, theirs: theirs)
    var explanations: [Explanation] = []
    var dials: [(dial: HearingChanges.Dial, at: Double)] = []
    for (number, family) in families.enumerated() {
      try control.report(number, of: families.count + 3, "trying settings")
      let found = try tried(family.changes)
      explanations += zip(family.changes, found).compactMap { change, distance in
        distance.map { explanation(change, $0) }
      }
      guard let dial = family.dial, dial.values.count == found.count else { continue }
      let best = found.indices.min { left(found[$0]) < left(found[$1]) }
      // Where all common values are worse than ours, a value next to ours may be better still.
      let isOurs = best.map { left(found[$0]) >= base.typical } ?? true
      dials.append((dial, isOurs ? dial.ours : best.map { dial.values[$0] } ?? dial.ours))
    }
    // A value that people use explains more than one that was fitted.
    if !explanations.contains(where: explains) {
      try control.report(families.count, of: families.count + 3, "refining numbers")
      let refinable = dials
      explanations += try concurrentMap(refinable.count, lanes: lanes) { index in
        refined(refinable[index].dial, near: refinable[index].at)
      }.flatMap { $0 }
    }
    return outcome(base, explanations + known, count: explanations.count)
  }

  private func explains(_ explanation: Explanation) -> Bool {
    tolerance.covers(explanation.remaining)
      && (explanation.remaining.isAligned || explanation.setting.movesFrames)
  }

  private func left(_ distance: Distance?) -> Double { distance?.typical ?? .infinity }

  private func vanishes(_ distance: Distance) -> Bool { tolerance.covers(distance) && distance.isAligned }

  private func explanation(_ change: HearingChange, _ distance: Distance) -> Explanation {
    Explanation(change.setting, ours: change.ours, theirs: change.theirs, remaining: distance)
  }

  private func tried(_ changes: [HearingChange]) throws -> [Distance?] {
    try concurrentMap(changes.count, lanes: lanes) { index -> [Distance] in
      // A change may ask for what cannot be, such as a channel that the sound does not have.
      (try? measure(changes[index].hearing)).map { [$0] } ?? []
    }.map(\.first)
  }

  /// Golden-section search for the number that leaves the least, between the neighbours of the best so far.
  private func refined(_ dial: HearingChanges.Dial, near best: Double) -> [Explanation] {
    let stops = (dial.values + [dial.ours]).sorted()
    guard let index = stops.firstIndex(of: best) else { return [] }
    let isLogarithmic = dial.spacing == .logarithmic
    func scaled(_ value: Double) -> Double { isLogarithmic ? logarithm(value) : value }
    func value(_ scaled: Double) -> Double {
      switch dial.spacing {
      case .logarithmic: exponential(scaled)
      case .linear: scaled
      case .integer: scaled.rounded()
      }
    }
    guard !isLogarithmic || stops[max(0, index - 1)] > 0 else { return [] }
    var (low, high) = (scaled(stops[max(0, index - 1)]), scaled(stops[min(stops.count - 1, index + 1)]))
    var found: [Explanation] = []
    func measured(_ place: Double) -> Double {
      guard let change = dial.change(to: value(place)), let distance = try? measure(change.hearing) else {
        return .infinity
      }
      found.append(explanation(change, distance))
      return distance.typical
    }
    let golden = 0.6180339887498949
    var (first, second) = (high - golden * (high - low), low + golden * (high - low))
    var (atFirst, atSecond) = (measured(first), measured(second))
    // The last digit that matters: of whole numbers the next one, of others a ten-millionth.
    let width = dial.spacing == .integer ? 1.5 : 1e-7 * max(low.magnitude, high.magnitude, 1)
    while high - low > width {
      if atFirst <= atSecond {
        (high, second, atSecond) = (second, first, atFirst)
        first = high - golden * (high - low)
        atFirst = measured(first)
      } else {
        (low, first, atFirst) = (first, second, atSecond)
        second = low + golden * (high - low)
        atSecond = measured(second)
      }
    }
    guard dial.spacing == .integer else { return found }
    // Rounded places hide which of two neighbours is the better one: downhill, one by one.
    var (place, least) = (value((low + high) / 2), Double.infinity)
    for _ in 0..<Self.mostSteps {
      let next = [place - 1, place, place + 1].map { ($0, measured($0)) }.min { $0.1 < $1.1 }
      guard let next, next.1 < least else { break }
      (place, least) = next
    }
    return found
  }

  /// From where a golden section ends to the best whole number beside it.
  private static let mostSteps = 8

  private func outcome(_ base: Distance, _ explanations: [Explanation], count: Int) -> Outcome {
    var best: [Explanation] = []
    for explanation in explanations {
      if let index = best.firstIndex(where: { $0.setting == explanation.setting }) {
        if isNearer(explanation, than: best[index]) { best[index] = explanation }
      } else {
        best.append(explanation)
      }
    }
    let aligned = best.filter { vanishes($0.remaining) }
    // Where frames were moved, how many there are may be a matter of taste.
    let culprits =
      aligned.isEmpty ? best.filter(explains) : aligned
    let least = culprits.map(\.remaining.typical).min() ?? 0
    // Of those that leave nothing but rounding, the commonest mistake is named first.
    let rounding = max(10 * least, 1e-7)
    let ranked =
      culprits.filter { $0.remaining.typical <= rounding }
      + culprits.filter { $0.remaining.typical > rounding }.sorted {
        $0.remaining.typical < $1.remaining.typical
      }
    let nearest = best.filter { $0.remaining.typical < base.typical }.sorted {
      $0.remaining.typical < $1.remaining.typical
    }
    return Outcome(
      verdict: ranked.isEmpty ? .noneAlone : .culprit, base: base, culprits: ranked,
      nearest: Array(nearest.prefix(5)), tried: count)
  }

  private func isNearer(_ one: Explanation, than other: Explanation) -> Bool {
    let (a, b) = (one.remaining, other.remaining)
    if vanishes(a) != vanishes(b) { return vanishes(a) }
    // A value that leaves as little as another does not replace it: the first is the commoner one.
    return vanishes(a) ? a.typical < 0.5 * b.typical : a.typical < b.typical
  }
}

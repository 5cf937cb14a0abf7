import Audio
import Glibc
public import Tensors

func logarithm(_ value: Double) -> Double { log(value) }
func exponential(_ value: Double) -> Double { exp(value) }

/// What this front end makes of a sound, against the array that another program made of it.
public struct FrontEndComparison: Sendable {
  public let difference: PatchDifference
  /// How the other array lies.
  public let arrangement: PatchArrangement
  /// The middle of the place that differs most, in seconds of the sound and in hertz.
  public let seconds: Double
  public let hertz: Double?
  public let outcome: CulpritSearch.Outcome
  /// The other array as `[patches, channels, frames, bands]`.
  public let theirs: Tensor

  /// What correct programs differ by, which is rounding: in single precision the quietest bands of the loudest frames are off
  /// by up to 2e-4 of the range, but nearly all values by 1e-6. The smallest mistake, a symmetric window for a periodic one,
  /// moves the typical value by 1e-4 (docs/front-end-check.md).
  public static let defaultTolerance = 1e-3

  /// - Parameter tolerance: the largest share of the range that counts as no difference; typically a hundredth of it.
  static func bounds(_ tolerance: Double) -> CulpritSearch.Tolerance {
    .init(share: tolerance, typical: tolerance / 100)
  }

  /// - Parameters:
  ///   - theirs: of any arrangement.
  ///   - order: in which axes are expected: as the network takes them.
  ///   - tolerance: the largest share of the range that counts as no difference.
  /// - Throws: `FrontEndCheckError` for an array that cannot be patches; `AudioError`; `Cancelled`.
  public init(
    _ theirs: Tensor, with hearing: Hearing, of sound: HeardSound,
    order: [PatchArrangement.Axis] = PatchArrangement.Axis.allCases,
    tolerance: Double = defaultTolerance, control: RunControl = RunControl()
  ) throws {
    let ours = try hearing.patches(of: sound)
    guard theirs.count > 0, let arrangement = PatchArrangement(theirs.shape, like: ours.shape, order: order)
    else {
      throw FrontEndCheckError.noPatches(shape: theirs.shape, ours: ours.shape)
    }
    let arranged = arrangement.arranged(theirs)
    let difference = PatchDifference(ours, arranged)
    self.theirs = arranged
    self.arrangement = arrangement
    self.difference = difference
    let place = difference.place
    (seconds, hertz) = hearing.frontEnd.position(
      patch: place[0], frame: place[2], band: place[3], of: ours.shape[2], ours.shape[3])
    let search = CulpritSearch(tolerance: Self.bounds(tolerance), lanes: ComputeThreads.count) { hearing in
      PatchDifference(try hearing.patches(of: sound), arranged).distance
    }
    var known: [CulpritSearch.Explanation] = []
    if let values = Self.values(ours, arranged, difference) { known.append(values) }
    if !difference.isAligned {
      known.append(Self.length(difference))
    }
    let found = try search.search(
      hearing, of: sound,
      theirs: PatchExtents(
        channels: arranged.shape[1], frames: arranged.shape[2], bands: arranged.shape[3]),
      known: known, control: control)
    outcome = arrangement.isUsual ? found : Self.counting(arrangement, order, found)
  }

  /// One factor and one offset for all values, by least squares.
  private static func values(_ ours: Tensor, _ theirs: Tensor, _ difference: PatchDifference)
    -> CulpritSearch.Explanation?
  {
    guard difference.isAligned, ours.count > 1 else { return nil }
    let (x, y) = (ours.values, theirs.values)
    let count = Double(x.count)
    let (meanX, meanY) = (
      x.reduce(0.0) { $0 + Double($1) } / count, y.reduce(0.0) { $0 + Double($1) } / count
    )
    var (covariance, variance) = (0.0, 0.0)
    for (a, b) in zip(x, y) {
      covariance += (Double(a) - meanX) * (Double(b) - meanY)
      variance += (Double(a) - meanX) * (Double(a) - meanX)
    }
    guard variance > 0 else { return nil }
    let factor = covariance / variance
    let shift = meanY - factor * meanX
    let fitted = PatchDifference(
      Tensor(ours.shape, x.map { Float(factor * Double($0) + shift) }), theirs)
    return CulpritSearch.Explanation(
      .values, ours: "as given",
      theirs: "\(HearingChanges.text(factor)) times ours plus \(HearingChanges.text(shift))",
      remaining: fitted.distance)
  }

  /// Values that agree, of which one program has more.
  private static func length(_ difference: PatchDifference) -> CulpritSearch.Explanation {
    func words(_ shape: Shape) -> String { "\(shape[0]) patches of \(shape[2]) frames and \(shape[3]) bands" }
    return CulpritSearch.Explanation(
      .length, ours: words(difference.shapes[0]), theirs: words(difference.shapes[1]),
      remaining: .init(
        share: difference.share, typical: difference.typicalShare,
        // Frames and patches alone: another number of bands is another picture.
        isAligned: difference.shapes[0][1] == difference.shapes[1][1]
          && difference.shapes[0][3] == difference.shapes[1][3]))
  }

  /// Where the axes are exchanged, that is one mistake: what else is needed is a second.
  private static func counting(
    _ arrangement: PatchArrangement, _ order: [PatchArrangement.Axis], _ found: CulpritSearch.Outcome
  ) -> CulpritSearch.Outcome {
    func words(_ axes: [PatchArrangement.Axis]) -> String { axes.map(\.rawValue).joined(separator: " x ") }
    let axes = CulpritSearch.Explanation(
      .axes, ours: words(order.filter(arrangement.axes.contains)), theirs: words(arrangement.axes),
      remaining: found.base)
    return CulpritSearch.Outcome(
      verdict: found.verdict == .agrees ? .culprit : .noneAlone, base: found.base,
      culprits: found.verdict == .agrees ? [axes] : [], nearest: found.culprits + found.nearest,
      tried: found.tried)
  }
}

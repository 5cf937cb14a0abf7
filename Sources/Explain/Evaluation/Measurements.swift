/// What an evaluation has measured: a number for each method, criterion and sound, where there is one.
public struct Measurements: Sendable {
  public private(set) var methods: [AttributionMethod]
  /// The sounds, by name.
  public private(set) var sounds: [String] = []
  private var values: [Key: [Int: Double]] = [:]

  struct Key: Hashable {
    let method: AttributionMethod
    let criterion: Criterion
  }

  public init(methods: [AttributionMethod]) { self.methods = methods }

  /// Makes room for a sound; returns its number.
  public mutating func add(sound: String) -> Int {
    sounds.append(sound)
    return sounds.count - 1
  }

  /// Numbers that are not finite are passed over.
  public mutating func add(_ value: Double?, _ method: AttributionMethod, _ criterion: Criterion, sound: Int)
  {
    guard let value, value.isFinite else { return }
    values[Key(method: method, criterion: criterion), default: [:]][sound] = value
  }

  /// Forgets the other methods.
  mutating func keep(_ methods: [AttributionMethod]) {
    self.methods = methods
    values = values.filter { methods.contains($0.key.method) }
  }

  /// By the number of the sound.
  public func values(_ method: AttributionMethod, _ criterion: Criterion) -> [Int: Double] {
    values[Key(method: method, criterion: criterion)] ?? [:]
  }

  /// The criteria that anything was measured of, in the usual order.
  public var criteria: [Criterion] {
    Criterion.all.filter { criterion in values.contains { $0.key.criterion == criterion } }
  }
}

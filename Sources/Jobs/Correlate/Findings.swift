import Catalogue
import Explain
import Figures
import Files
import Probe
import Reports
import Tensors

/// Every unit of some layers against every descriptor.
struct Findings {
  private let layers: [CatalogueLayer]
  private let numbers: [String: Int]
  private let given: DescriptorColumns
  private let tables: [CorrelationTable]
  private let vectors: [Tensor]
  /// For each descriptor, the unit that follows it best, strongest first.
  let best: [CorrelationRecord]
  /// Of each layer and descriptor.
  private let bestOfLayers: [CorrelationRecord]
  let recordings: Int

  var units: Int { layers.reduce(0) { $0 + $1.channels } }
  var pairCount: Int { tables.reduce(0) { $0 + $1.pairs.count } }
  var chance: Double? { tables.first { $0.chance != nil }?.chance ?? nil }
  /// Those that say the same of all sounds.
  let constantUnits: Int

  /// - Throws: `Cancelled`, `CatalogueError`.
  init(
    _ layers: [CatalogueLayer], in catalogue: Catalogue, _ given: DescriptorColumns, permutations: Int,
    seed: UInt64,
    control: RunControl
  ) throws {
    (self.layers, self.given) = (layers, given)
    numbers = CorrelateJob.numbers(of: catalogue.layers + [catalogue.embedding].compactMap(\.self))
    let rows = given.files.compactMap(\.row)
    var (tables, vectors): ([CorrelationTable], [Tensor]) = ([], [])
    for (index, layer) in layers.enumerated() {
      let values = try catalogue.vectors(of: layer).tensor(rows: rows)
      tables.append(
        try CorrelationTable(
          units: values.columnArrays, descriptors: given.columns, permutations: permutations, seed: seed,
          control: control.part(index, of: layers.count, "layer \(index + 1) of \(layers.count)")))
      vectors.append(values)
    }
    tables = CorrelationTable.joined(tables)
    (self.tables, self.vectors) = (tables, vectors)
    constantUnits = vectors.reduce(0) { sum, values in
      sum + values.columnArrays.count { column in column.allSatisfy { $0 == column.first } }
    }
    let groups = RecordingGroups(given.files)
    recordings = groups.count
    var found: [CorrelationRecord] = []
    for (index, layer) in layers.enumerated() {
      var strongest: [Int: CorrelationTable.Pair] = [:]
      for pair in tables[index].pairs where abs(pair.r) > abs(strongest[pair.descriptor]?.r ?? 0) {
        strongest[pair.descriptor] = pair
      }
      let columns = vectors[index].columnArrays
      for (descriptor, pair) in strongest.sorted(by: { $0.key < $1.key }) {
        found.append(
          CorrelationRecord(
            layer: layer.isEmbedding ? CatalogueLayer.embeddingKind : layer.tensor,
            layerNumber: numbers[layer.tensor] ?? index + 1, unit: pair.unit,
            descriptor: given.names[descriptor],
            clips: pair.clips, r: pair.r, interval: [pair.interval.lowerBound, pair.interval.upperBound],
            rho: pair.rho, distance: pair.distance, p: pair.probability, q: pair.q,
            permutationP: permutations > 0 ? pair.familyProbability : nil,
            recordingsR: groups.correlation(columns[pair.unit], given.columns[descriptor]),
            recordings: groups.count > 0 ? groups.count : nil))
      }
    }
    bestOfLayers = found
    var best: [String: CorrelationRecord] = [:]
    for record in found where abs(record.r) > abs(best[record.descriptor]?.r ?? 0) {
      best[record.descriptor] = record
    }
    self.best = best.values.sorted { (-abs($0.r), $0.descriptor) < (-abs($1.r), $1.descriptor) }
  }

  // MARK: - Files

  /// A line for each layer and descriptor: the unit that follows it best.
  var table: String {
    var lines = [
      "layer_number,layer,descriptor,unit,clips,r,r_low,r_high,rho,distance,p,q,p_permutation,r_recordings"
    ]
    func number(_ value: Double?) -> String { value.map { NumberText.rounded($0, digits: 7) } ?? "" }
    for record in bestOfLayers {
      let numbers = [
        record.r, record.interval[0], record.interval[1], record.rho, record.distance, record.p, record.q,
      ]
      let fields =
        [
          "\(record.layerNumber)", EventTable.quoted(record.layer), EventTable.quoted(record.descriptor),
          "\(record.unit)", "\(record.clips)",
        ]
        + numbers.map { number($0) } + [number(record.permutationP), number(record.recordingsR)]
      lines.append(fields.joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// All pairs: an array `[units, descriptors]` for each number, NaN where there is none; and of which layer and channel each
  /// unit is.
  func archive() throws -> [UInt8] {
    let (count, width) = (units, given.names.count)
    func grid(_ number: (CorrelationTable.Pair) -> Double) -> Tensor {
      var values = [Float](repeating: .nan, count: count * width)
      var first = 0
      for (layer, table) in zip(layers, tables) {
        for pair in table.pairs {
          values[(first + pair.unit) * width + pair.descriptor] = Float(number(pair))
        }
        first += layer.channels
      }
      return Tensor([count, width], values)
    }
    let owners = layers.flatMap { layer in
      [Float](repeating: Float(numbers[layer.tensor] ?? 0), count: layer.channels)
    }
    let channels = layers.flatMap { (0..<$0.channels).map(Float.init) }
    return try NumPyArchive(
      [
        ("r", grid(\.r)), ("rho", grid(\.rho)), ("distance", grid(\.distance)), ("p", grid(\.probability)),
        ("q", grid(\.q)), ("p_permutation", grid(\.familyProbability)),
        ("layer_number", Tensor([count], owners)),
        ("channel", Tensor([count], channels)),
      ], from: "correlations.npz"
    ).npz(compressed: true)
  }

  /// Each pair as points, a point a sound, coloured by class.
  func figures(of records: [CorrelationRecord]) throws -> [(name: String, png: [UInt8])] {
    try records.map { record in
      let figure = figure(of: record)
      let name = FileNames.slug(of: record.descriptor, orElse: "pair")
      return ("pairs/\(name).png", try figure.png())
    }
  }

  private func figure(of record: CorrelationRecord) -> ScatterFigure {
    let layer = layers.firstIndex {
      $0.tensor == record.layer || $0.isEmbedding && record.layer == CatalogueLayer.embeddingKind
    }
    let place = given.names.firstIndex(of: record.descriptor)
    let values = layer.map { vectors[$0].columnArrays[record.unit] } ?? []
    let descriptor = place.map { given.columns[$0] } ?? []
    let heard = values.indices.filter { descriptor[$0].isFinite && values[$0].isFinite }
    let labels = Set(given.files.compactMap(\.label)).sorted()
    let places = Dictionary(labels.enumerated().map { ($1, $0) }) { first, _ in first }
    let name = DescriptorName(record.descriptor)
    return ScatterFigure(
      title: record.line.prefix(1).uppercased() + record.line.dropFirst(),
      caption: "A point is one of \(record.clips) sounds: its mean activation, and what was measured of it. "
        + "Spearman's rho \(CorrelationRecord.share(record.rho)).",
      axes: (
        .init(title: name.title),
        .init(title: "mean of unit \(record.unit), layer \(record.layerNumber) (\(record.layer))")
      ),
      points: heard.map { .init(Double(descriptor[$0]), Double(values[$0])) },
      colouring: labels.isEmpty
        ? .plain
        : .groups(names: labels, of: heard.map { given.files[$0].label.flatMap { places[$0] } ?? -1 }),
      line: Self.line(heard.map { Double(descriptor[$0]) }, heard.map { Double(values[$0]) }))
  }

  /// Least squares; nil where `x` does not vary.
  private static func line(_ x: [Double], _ y: [Double]) -> (intercept: Double, slope: Double)? {
    let count = Double(x.count)
    let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    let square = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    guard square > 0 else { return nil }
    let slope = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / square
    return (meanY - slope * meanX, slope)
  }

  /// The largest |r| of each layer, for the descriptors that units follow best; nil for a single layer.
  var layerFigure: CurveFigure? {
    guard layers.count > 1, !best.isEmpty else { return nil }
    let wanted = ["loudness", "onset"].compactMap { word in
      best.first { $0.descriptor.contains(word) }?.descriptor
    }
    let shown = (wanted + best.map(\.descriptor).filter { !wanted.contains($0) }).prefix(7)
    var series = shown.map { descriptor in
      CurveFigure.Series(
        name: DescriptorName(descriptor).words,
        points: bestOfLayers.filter { $0.descriptor == descriptor }.map {
          .init(
            x: Double($0.layerNumber), y: abs($0.r), low: min(abs($0.interval[0]), abs($0.interval[1])),
            high: max(abs($0.interval[0]), abs($0.interval[1])))
        })
    }
    if let chance {
      series.append(
        .init(
          name: "chance, any pair",
          points: layers.map { .init(x: Double(numbers[$0.tensor] ?? 0), y: chance) }))
    }
    return CurveFigure(
      title: "The unit of each layer that follows a descriptor best",
      caption:
        "Largest |r| over \(given.files.count) sounds, with the 95 % interval of that unit's r. Chance: what the largest "
        + "of all pairs stays under in 95 % of shuffled corpora.",
      x: .init(title: "layer"), y: .init(title: "|r|", range: 0...1), series: series)
  }
}

/// Sounds by the recording they stem from.
private struct RecordingGroups {
  private let members: [[Int]]

  var count: Int { members.count }

  /// No groups where nobody names recordings.
  init(_ files: [CatalogueFile]) {
    guard files.contains(where: { $0.group != nil }) else {
      members = []
      return
    }
    // Names of recordings hold within a class.
    let groups = Dictionary(grouping: files.indices) { index in
      files[index].group.map { "\(files[index].label ?? "")/\($0)" } ?? "\(index)"
    }
    members = groups.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Of the recordings' means; nil for fewer than four.
  func correlation(_ a: [Float], _ b: [Float]) -> Double? {
    let means = members.compactMap { members -> (Float, Float)? in
      let heard = members.filter { a[$0].isFinite && b[$0].isFinite }
      guard !heard.isEmpty else { return nil }
      func mean(_ values: [Float]) -> Float { heard.reduce(0) { $0 + values[$1] } / Float(heard.count) }
      return (mean(a), mean(b))
    }
    guard means.count >= CorrelationTable.fewestClips else { return nil }
    return Probe.correlation(means.map(\.0), means.map(\.1))
  }
}

extension Tensor {
  /// The columns of a matrix.
  var columnArrays: [[Float]] {
    let (rows, width) = (shape[0], shape[1])
    return withUnsafeValues { values in
      (0..<width).map { column in (0..<rows).map { values[$0 * width + column] } }
    }
  }
}

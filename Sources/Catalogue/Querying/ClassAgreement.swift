package import Explain
import OneDNN
import Tensors

/// How often a sound's nearest neighbours are of its own class: whether a layer's space knows the classes.
///
/// Each labelled sound is held against all others but those of its own recording and copies of itself. Sounds of a class that
/// only one recording has are left out (nothing could be right), but stay among the others' neighbours. Intervals are over
/// recordings drawn with replacement.
package struct ClassAgreement: Sendable, Hashable {
  /// Sounds that were asked about.
  package let sounds: Int
  package let recordings: Int
  package let classes: Int
  /// The share of sounds whose nearest neighbour is of their class.
  package let nearest: Bootstrap.Estimate
  /// Of the `top` nearest, the mean share that is.
  package let precision: Bootstrap.Estimate
  package let top: Int
  /// What either is expected to be for neighbours that are drawn blindly.
  package let chance: Double
}

extension Catalogue {
  /// - Parameter top: neighbours of each sound.
  /// - Throws: `CatalogueError.noClasses` where there are not two classes of two recordings; `Cancelled`.
  package func classAgreement(
    in layer: CatalogueLayer, metric: VectorMetric, top: Int, control: RunControl = RunControl()
  ) throws -> ClassAgreement {
    let matrix = try vectors(of: layer)
    let files = try files().filter {
      $0.status == .indexed && $0.label != nil && ($0.row ?? .max) < matrix.rows
    }
    let question = AgreementQuestion(files)
    guard question.askedClasses > 1 else { throw CatalogueError.noClasses(folder) }
    let space = NeighbourSpace(matrix.tensor(rows: files.compactMap(\.row)), metric)
    var hits: [(sound: Int, first: Bool, share: Double)] = []
    let block = 128
    for start in stride(from: 0, to: question.asked.count, by: block) {
      let asked = Array(question.asked[start..<min(start + block, question.asked.count)])
      let nearest = try space.nearest(top, to: asked) { question.mayNeighbour($0, $1) }
      for (sound, neighbours) in zip(asked, nearest) {
        let same = neighbours.map { question.classes[$0] == question.classes[sound] }
        hits.append((sound, same.first ?? false, Double(same.count { $0 }) / Double(max(1, same.count))))
      }
      try control.report(min(start + block, question.asked.count), of: question.asked.count, layer.tensor)
    }
    let estimates = question.estimates(hits.map { ($0.sound, [$0.first ? 1 : 0, $0.share]) })
    return ClassAgreement(
      sounds: hits.count, recordings: Set(hits.map { question.recordings[$0.sound] }).count,
      classes: question.askedClasses, nearest: estimates[0], precision: estimates[1], top: top,
      chance: question.chance)
  }
}

/// Which sounds are asked about, and who may be whose neighbour; by number.
private struct AgreementQuestion {
  let classes: [Int]
  let recordings: [Int]
  private let contents: [Int]
  let asked: [Int]

  init(_ files: [CatalogueFile]) {
    func numbered(_ names: [String]) -> [Int] {
      var known: [String: Int] = [:]
      return names.map { name in
        if let number = known[name] { return number }
        known[name] = known.count
        return known.count - 1
      }
    }
    classes = numbered(files.map { $0.label ?? "" })
    recordings = numbered(files.map(\.recording))
    contents = numbered(files.map { $0.contentHash ?? $0.path })
    let pairs = Set(zip(classes, recordings).map { [$0, $1] })
    let recordingsOfClass = Dictionary(grouping: pairs) { $0[0] }.mapValues(\.count)
    asked = classes.indices.filter { [classes] in (recordingsOfClass[classes[$0]] ?? 0) > 1 }
  }

  var askedClasses: Int { Set(asked.map { classes[$0] }).count }

  func mayNeighbour(_ a: Int, _ b: Int) -> Bool {
    recordings[a] != recordings[b] && contents[a] != contents[b]
  }

  /// The mean, over the sounds that are asked about, of the share of their class among those that may be their neighbours.
  var chance: Double {
    let shares = asked.map { sound in
      var (same, all) = (0, 0)
      for other in classes.indices where mayNeighbour(sound, other) {
        all += 1
        if classes[other] == classes[sound] { same += 1 }
      }
      return Double(same) / Double(max(1, all))
    }
    return shares.reduce(0, +) / Double(max(1, shares.count))
  }

  /// Means of several numbers of each sound, over draws of recordings.
  func estimates(_ values: [(sound: Int, numbers: [Double])]) -> [Bootstrap.Estimate] {
    var places: [Int: Int] = [:]
    var (sums, counts) = ([[Double]](), [Double]())
    for (sound, numbers) in values {
      let place = places[recordings[sound]] ?? sums.count
      if place == sums.count {
        places[recordings[sound]] = place
        sums.append(numbers)
        counts.append(1)
      } else {
        for index in numbers.indices { sums[place][index] += numbers[index] }
        counts[place] += 1
      }
    }
    let draws = Bootstrap(of: sums.count).draws
    return (values.first?.numbers ?? []).indices.map { index in
      func mean(_ draw: some Sequence<Int>) -> Double {
        var (sum, count) = (0.0, 0.0)
        for place in draw {
          sum += sums[place][index]
          count += counts[place]
        }
        return sum / max(1, count)
      }
      return Bootstrap.Estimate(mean(sums.indices), drawn: draws.map(mean))
    }
  }
}

/// Vectors of which each can be asked for its nearest ones, by blocked matrix products in single precision.
///
/// `|x − y|² = |x|² + |y|² − 2 x·y` ranks Euclidean distances, and, of vectors of length 1, those of the cosine, for it is
/// `2 (1 − cos)`. Vectors are taken from their mean first, which changes no distance and keeps the terms small.
struct NeighbourSpace {
  private let vectors: Tensor
  /// `|x|²`
  private let squares: [Float]
  /// Of the cosine: vectors without a direction, whose distance from all others is 1.
  private let isZero: [Bool]

  /// - Parameter vectors: `[count, width]`.
  init(_ vectors: Tensor, _ metric: VectorMetric) {
    var vectors = vectors
    let (count, width) = (vectors.shape[0], vectors.shape[1])
    var (squares, isZero) = ([Float](repeating: 0, count: count), [Bool](repeating: false, count: count))
    vectors.withUnsafeMutableValues { values in
      var mean = [Double](repeating: 0, count: width)
      for row in 0..<count {
        let places = row * width..<(row + 1) * width
        if metric == .cosine {
          let length = values[places].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
          isZero[row] = length == 0
          let scale = length > 0 ? 1 / length : 0
          for place in places { values[place] = Float(Double(values[place]) * scale) }
        }
        for place in places { mean[place - places.lowerBound] += Double(values[place]) / Double(count) }
      }
      for row in 0..<count {
        var square = 0.0
        for place in row * width..<(row + 1) * width {
          values[place] = Float(Double(values[place]) - mean[place - row * width])
          square += Double(values[place]) * Double(values[place])
        }
        squares[row] = Float(square)
      }
    }
    (self.vectors, self.squares, self.isZero) = (vectors, squares, isZero)
  }

  /// For each of `asked` the `top` nearest of those that may be, the nearest first; of equals, the first.
  func nearest(_ top: Int, to asked: [Int], where mayBe: @Sendable (Int, Int) -> Bool) throws -> [[Int]] {
    let (count, width) = (vectors.shape[0], vectors.shape[1])
    let products = Tensor(unsafeUninitialized: [asked.count, count]) { result in
      let queries = Tensor(joining: asked.map { vectors.rows($0..<$0 + 1) })
      queries.withUnsafeValues { queries in
        vectors.withUnsafeValues { values in
          guard let q = queries.baseAddress, let all = values.baseAddress, let target = result.baseAddress
          else { return }
          Engine.useThreads(ComputeThreads.count)
          multiply(
            MatrixView(q, stride: width), MatrixView(all, stride: width, transposed: true), rows: asked.count,
            columns: count, depth: width, into: target, stride: count)
        }
      }
    }
    return try concurrentMap(asked.count) { index in
      products.withUnsafeValues { products in
        var nearest: [(place: Int, distance: Float)] = []
        for place in 0..<count {
          let distance =
            isZero[asked[index]] || isZero[place]
            ? 2 : squares[asked[index]] + squares[place] - 2 * products[index * count + place]
          if nearest.count == top, let last = nearest.last, distance >= last.distance { continue }
          guard mayBe(asked[index], place) else { continue }
          let rank = nearest.firstIndex { $0.distance > distance } ?? nearest.count
          nearest.insert((place, distance), at: rank)
          if nearest.count > top { nearest.removeLast() }
        }
        return nearest.map(\.place)
      }
    }
  }
}

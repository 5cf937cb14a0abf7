/// The minimum of a smooth function, from its values and gradients: L-BFGS, Nocedal and Wright, *Numerical Optimization*,
/// algorithm 7.4, with a step that is halved until the function falls enough (Armijo, 1e-4).
///
/// Pairs of steps and changes of the gradient that do not curve upwards are left out, so that every direction leads down.
struct LBFGS {
  /// Ends when no derivative is beyond this.
  var tolerance = 1e-6
  var iterations = 1000
  /// How many steps are remembered.
  var memory = 10

  struct Minimum {
    var place: [Double]
    var value: Double
    /// The largest derivative there.
    var gradient: Double
    var iterations: Int
  }

  func minimum(
    from start: [Double], _ function: ([Double]) -> (value: Double, gradient: [Double])
  ) -> Minimum {
    var place = start
    var (value, gradient) = function(place)
    var pairs: [(step: [Double], change: [Double], curvature: Double)] = []
    for iteration in 0..<iterations {
      let steepest = Self.largest(gradient)
      guard steepest > tolerance else {
        return Minimum(place: place, value: value, gradient: steepest, iterations: iteration)
      }
      let direction = direction(gradient, pairs)
      let slope = Self.product(gradient, direction)
      var length = pairs.isEmpty ? 1 / max(1, Self.product(gradient, gradient).squareRoot()) : 1
      var next = (place: place, value: value, gradient: gradient)
      repeat {
        for index in place.indices { next.place[index] = place[index] + length * direction[index] }
        (next.value, next.gradient) = function(next.place)
        if next.value <= value + 1e-4 * length * slope { break }
        length /= 2
      } while length > 1e-12
      // Rounding leaves nothing to gain.
      guard length > 1e-12 else {
        return Minimum(place: place, value: value, gradient: steepest, iterations: iteration)
      }
      let step = zip(next.place, place).map { $0 - $1 }
      let change = zip(next.gradient, gradient).map { $0 - $1 }
      let curvature = Self.product(step, change)
      if curvature > 1e-14 * Self.product(change, change) {
        pairs.append((step, change, curvature))
        if pairs.count > memory { pairs.removeFirst() }
      }
      (place, value, gradient) = next
    }
    return Minimum(place: place, value: value, gradient: Self.largest(gradient), iterations: iterations)
  }

  /// `−H · gradient`, with `H` the estimate of the inverse curvature.
  private func direction(
    _ gradient: [Double], _ pairs: [(step: [Double], change: [Double], curvature: Double)]
  ) -> [Double] {
    var result = gradient
    var shares: [Double] = []
    for pair in pairs.reversed() {
      let share = Self.product(pair.step, result) / pair.curvature
      shares.append(share)
      for index in result.indices { result[index] -= share * pair.change[index] }
    }
    if let last = pairs.last {
      let scale = last.curvature / Self.product(last.change, last.change)
      for index in result.indices { result[index] *= scale }
    }
    for (pair, share) in zip(pairs, shares.reversed()) {
      let other = Self.product(pair.change, result) / pair.curvature
      for index in result.indices { result[index] += (share - other) * pair.step[index] }
    }
    return result.map { -$0 }
  }

  private static func product(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }

  private static func largest(_ values: [Double]) -> Double { values.reduce(0) { max($0, abs($1)) } }
}

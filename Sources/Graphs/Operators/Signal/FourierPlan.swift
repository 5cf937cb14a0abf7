import Glibc

/// Real and imaginary part.
typealias Complex = SIMD2<Float>

@inline(__always)
private func product(_ a: Complex, _ b: Complex) -> Complex {
  Complex(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
}

/// `y[k] = Σ x[n] · exp(−2πi·kn/N)` for one length, in about `N log N` steps for any `N`.
///
/// Lengths with small prime factors are split by Cooley and Tukey's rule, by fours first; others become a convolution
/// of a length that is a power of 2 (Bluestein, 1970). All roots are computed in double precision.
final class FourierPlan: Sendable {
  let length: Int
  private let factors: [Int]
  private let roots: [Complex]
  private let chirp: Chirp?

  /// Bluestein's convolution with `exp(πi·n²/N)`.
  private struct Chirp: Sendable {
    let plan: FourierPlan
    /// `exp(−πi·n²/N)`
    let wave: [Complex]
    /// The transform of its conjugate, made periodic.
    let response: [Complex]
  }

  init(_ length: Int) {
    self.length = length
    var factors: [Int] = []
    var rest = length
    for factor in [4, 2, 3, 5, 7, 11, 13] {
      while rest % factor == 0, rest > 1 {
        factors.append(factor)
        rest /= factor
      }
    }
    let isSmooth = rest <= 1
    self.factors = isSmooth ? factors : []
    roots = isSmooth ? (0..<length).map { Self.root($0, of: length) } : []
    guard !isSmooth else {
      chirp = nil
      return
    }
    var padded = 1
    while padded < 2 * length { padded *= 2 }
    let plan = FourierPlan(padded)
    // n² modulo 2N: as the roots repeat, and exactly.
    let wave = (0..<length).map { Self.root($0 * $0 % (2 * length), of: 2 * length) }
    var periodic = [Complex](repeating: .zero, count: padded)
    for (n, root) in wave.enumerated() {
      periodic[n] = Complex(root.x, -root.y) / Float(padded)
      if n > 0 { periodic[padded - n] = periodic[n] }
    }
    var response = periodic
    var room = [Complex](repeating: .zero, count: plan.roomCount)
    plan.transform(&periodic, into: &response, &room)
    chirp = Chirp(plan: plan, wave: wave, response: response)
  }

  private static func root(_ index: Int, of count: Int) -> Complex {
    let angle = -2 * Double.pi * Double(index) / Double(count)
    return Complex(Float(cos(angle)), Float(sin(angle)))
  }

  /// How many numbers `transform` needs besides its own.
  var roomCount: Int { chirp.map { 2 * $0.response.count + $0.plan.roomCount } ?? 16 }

  /// About how many multiplications a transform takes.
  var work: Int {
    chirp.map { saturatingProduct(2, $0.plan.work) } ?? saturatingProduct(4 * length, factors.reduce(1, +))
  }

  /// `input` and `output` hold `length` numbers each and do not overlap. With `inverse`, the exponent's sign is
  /// exchanged; nothing is divided by N.
  func transform(
    _ input: UnsafeMutablePointer<Complex>, into output: UnsafeMutablePointer<Complex>,
    _ room: UnsafeMutablePointer<Complex>, inverse: Bool = false
  ) {
    // Real and imaginary part exchanged before and after: the inverse by the same roots.
    if inverse { Self.exchange(input, length) }
    if let chirp {
      convolve(input, into: output, room, chirp)
    } else {
      roots.withUnsafeBufferPointer { roots in
        guard let start = roots.baseAddress else { return }
        split(input, 1, into: output, length, 0, start, room)
      }
    }
    if inverse { Self.exchange(output, length) }
  }

  /// Memory for one transform after another.
  struct Room {
    let input: UnsafeMutablePointer<Complex>
    let output: UnsafeMutablePointer<Complex>
    let rest: UnsafeMutablePointer<Complex>
  }

  /// Calls `body` with memory of its own, as each lane needs it.
  func withRoom(_ body: (Room) -> Void) {
    withUnsafeTemporaryAllocation(of: Complex.self, capacity: 2 * length + roomCount) { buffer in
      guard let start = buffer.baseAddress else { return }
      body(Room(input: start, output: start + length, rest: start + 2 * length))
    }
  }

  func transform(_ room: Room, inverse: Bool) {
    transform(room.input, into: room.output, room.rest, inverse: inverse)
  }

  private static func exchange(_ values: UnsafeMutablePointer<Complex>, _ count: Int) {
    for n in 0..<count { values[n] = Complex(values[n].y, values[n].x) }
  }

  private func convolve(
    _ input: UnsafeMutablePointer<Complex>, into output: UnsafeMutablePointer<Complex>,
    _ room: UnsafeMutablePointer<Complex>, _ chirp: Chirp
  ) {
    let padded = chirp.response.count
    let (a, b, rest) = (room, room + padded, room + 2 * padded)
    for n in 0..<length { a[n] = product(input[n], chirp.wave[n]) }
    (a + length).update(repeating: .zero, count: padded - length)
    chirp.plan.transform(a, into: b, rest)
    for n in 0..<padded { b[n] = product(b[n], chirp.response[n]) }
    chirp.plan.transform(b, into: a, rest, inverse: true)
    for n in 0..<length { output[n] = product(a[n], chirp.wave[n]) }
  }

  /// The transform of `count` numbers `stride` apart: of each of `factors[level]` interleaved parts, then joined.
  private func split(
    _ input: UnsafeMutablePointer<Complex>, _ stride: Int, into output: UnsafeMutablePointer<Complex>,
    _ count: Int, _ level: Int, _ roots: UnsafePointer<Complex>, _ room: UnsafeMutablePointer<Complex>
  ) {
    guard level < factors.count else { return output[0] = input[0] }
    let radix = factors[level]
    let part = count / radix
    if part == 1 {
      for q in 0..<radix { output[q] = input[q * stride] }
    } else {
      for q in 0..<radix {
        split(input + q * stride, stride * radix, into: output + q * part, part, level + 1, roots, room)
      }
    }
    switch radix {
    case 2: joinTwo(output, part, stride, roots)
    case 4: joinFour(output, part, stride, roots)
    default: join(output, radix, part, stride, roots, room)
    }
  }

  private func joinTwo(
    _ x: UnsafeMutablePointer<Complex>, _ part: Int, _ stride: Int, _ roots: UnsafePointer<Complex>
  ) {
    for k in 0..<part {
      let b = product(x[k + part], roots[k * stride])
      (x[k], x[k + part]) = (x[k] + b, x[k] - b)
    }
  }

  private func joinFour(
    _ x: UnsafeMutablePointer<Complex>, _ part: Int, _ stride: Int, _ roots: UnsafePointer<Complex>
  ) {
    for k in 0..<part {
      let a = x[k]
      let b = product(x[k + part], roots[k * stride])
      let c = product(x[k + 2 * part], roots[2 * k * stride])
      let d = product(x[k + 3 * part], roots[3 * k * stride])
      let (even, odd) = (a + c, b + d)
      let (evenLess, oddLess) = (a - c, b - d)
      // −i · (b − d)
      let turned = Complex(oddLess.y, -oddLess.x)
      x[k] = even + odd
      x[k + part] = evenLess + turned
      x[k + 2 * part] = even - odd
      x[k + 3 * part] = evenLess - turned
    }
  }

  private func join(
    _ x: UnsafeMutablePointer<Complex>, _ radix: Int, _ part: Int, _ stride: Int,
    _ roots: UnsafePointer<Complex>, _ room: UnsafeMutablePointer<Complex>
  ) {
    for k in 0..<part {
      for q in 0..<radix { room[q] = product(x[k + q * part], roots[q * k * stride]) }
      for r in 0..<radix {
        var sum = room[0]
        var turn = 0
        for q in 1..<radix {
          turn += r * part * stride
          if turn >= length { turn %= length }
          sum += product(room[q], roots[turn])
        }
        x[k + r * part] = sum
      }
    }
  }
}

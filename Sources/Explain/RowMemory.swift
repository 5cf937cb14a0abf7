import Synchronization
import Tensors

/// What a network said of rows that come up again: a patch that a perturbation leaves as it was, the same noisy copy for
/// another class.
///
/// Rows are known by 128 bits of hash over their values' bits. What is kept is bounded; beyond that, rows are asked about
/// anew. Safe to use from several tasks.
public final class RowMemory: Sendable {
  /// The most bytes that are kept.
  public let bound: Int
  /// Whether gradients are worth keeping, too: where several methods ask for the same.
  public let keepsGradients: Bool
  private let kept = Mutex(Kept())

  private struct Kept {
    var answers: [Question: [Float]] = [:]
    var bytes = 0
  }

  /// A question about one row.
  struct Question: Hashable {
    let topic: String
    let first: UInt64
    let second: UInt64
  }

  public init(bound: Int = 64 << 20, keepsGradients: Bool = false) {
    (self.bound, self.keepsGradients) = (bound, keepsGradients)
  }

  /// The answers to `topic` for each row of `x`, joined: those that are known, and for the rest what `ask` says of them.
  /// A row of numbers for each row of `x`, however `ask` shapes them.
  ///
  /// - Parameters:
  ///   - topic: what is asked, so that answers to different questions are not mixed up.
  ///   - ask: answers rows; its first axis is theirs.
  func answers(_ topic: String, for x: Tensor, _ ask: (Tensor) throws -> Tensor) throws -> Tensor {
    let rows = x.shape.dimensions.first ?? 0
    guard rows > 0, x.count > 0 else { return try ask(x) }
    let questions = Self.questions(topic, x)
    var known = kept.withLock { kept in
      questions.reduce(into: [Question: [Float]]()) { $0[$1] = kept.answers[$1] }
    }
    var new: [Int] = []
    var asked: Set<Question> = []
    for (row, question) in questions.enumerated() where known[question] == nil {
      if asked.insert(question).inserted { new.append(row) }
    }
    if new.count == rows, known.isEmpty {
      let answers = try ask(x)
      keep(questions, answers)
      return answers
    }
    if !new.isEmpty {
      // In few sizes: for each number of rows a network prepares a program of its own.
      let places = new + [Int](repeating: new[0], count: Self.usual(new.count) - new.count)
      let answers = try ask(Tensor(joining: places.map { x.rows($0..<$0 + 1) })).rows(0..<new.count)
      keep(new.map { questions[$0] }, answers)
      for (place, row) in new.enumerated() { known[questions[row]] = answers.rows(place..<place + 1).values }
    }
    let size = known.values.first?.count ?? 0
    return Tensor(unsafeUninitialized: [rows, size]) { values in
      for (row, question) in questions.enumerated() {
        for (place, value) in (known[question] ?? []).enumerated() { values[row * size + place] = value }
      }
    }
  }

  /// The next power of two up to 8, the next multiple of 8 beyond.
  private static func usual(_ count: Int) -> Int {
    var size = 1
    while size < min(count, 8) { size *= 2 }
    return count <= 8 ? size : (count + 7) / 8 * 8
  }

  private func keep(_ questions: [Question], _ answers: Tensor) {
    let size = answers.count / max(1, questions.count) * MemoryLayout<Float>.stride
    kept.withLock { kept in
      for (row, question) in questions.enumerated() where kept.answers[question] == nil {
        guard kept.bytes + size <= bound else { return }
        kept.answers[question] = answers.rows(row..<row + 1).values
        kept.bytes += size
      }
    }
  }

  private static func questions(_ topic: String, _ x: Tensor) -> [Question] {
    let size = x.count / x.shape[0]
    return x.withUnsafeValues { values in
      (0..<x.shape[0]).map { row in
        var (first, second) = (FNV1a(), 0x9E37_79B9_7F4A_7C15 as UInt64)
        for place in row * size..<(row + 1) * size {
          let bits = UInt64(values[place].bitPattern)
          first.add(bits)
          second = (second ^ bits) &* 0xD6E8_FEB8_6659_FD93
          second ^= second >> 32
        }
        return Question(topic: topic, first: first.fingerprint, second: second)
      }
    }
  }
}

import OneDNN
import Tensors

/// Which recurrent layer it is, and the order of its gates in the weights (ONNX's).
package enum RecurrentCell: Sendable, Hashable {
  /// `h′ = f(x·Wᵀ + h·Rᵀ + b)`
  case simple
  /// Gates `i o f c`; with `couplesForget`, `f = 1 − i`.
  case lstm(couplesForget: Bool)
  /// Gates `z r h`; with `resetsAfter`, the reset gate acts behind the recurrent product (`linear_before_reset`).
  case gru(resetsAfter: Bool)

  var kind: String {
    switch self {
    case .simple: "RNN"
    case .lstm: "LSTM"
    case .gru: "GRU"
    }
  }

  var gateCount: Int {
    switch self {
    case .simple: 1
    case .lstm: 4
    case .gru: 3
    }
  }

  /// How many functions each direction has.
  var functionCount: Int {
    switch self {
    case .simple: 1
    case .lstm: 3
    case .gru: 2
    }
  }

  var hasCellState: Bool { if case .lstm = self { true } else { false } }

  /// Numbers kept for each unit and step, for the gradient: the gates, the hidden state before the step, and for an LSTM
  /// the cell state before it, for a GRU what its reset gate acts on.
  var memoryCount: Int { gateCount + (self == .simple ? 1 : 2) }
}

package enum RecurrentDirection: String, Sendable {
  case forward
  case reverse
  case bidirectional

  var count: Int { self == .bidirectional ? 2 : 1 }

  /// Whether direction `index` runs from the end.
  func isReversed(_ index: Int) -> Bool { self == .reverse || index == 1 }
}

/// How large a recurrent layer is, and where its numbers lie.
struct RecurrentGeometry: Sendable {
  let steps: Int
  let batch: Int
  let directions: Int
  let hidden: Int
  let gates: Int
  /// The batch is the first axis of the sequences and states, not the second.
  let batchFirst: Bool

  init(_ cell: RecurrentCell, source: Shape, recurrent: Shape, batchFirst: Bool) {
    self.batchFirst = batchFirst
    steps = source[batchFirst ? 1 : 0]
    batch = source[batchFirst ? 0 : 1]
    directions = recurrent[0]
    hidden = recurrent[2]
    gates = cell.gateCount
  }

  /// All gates of one direction.
  var width: Int { gates * hidden }
  var rows: Int { steps * batch }

  /// The row of the input at one time.
  func row(_ time: Int, _ item: Int) -> Int { batchFirst ? item * steps + time : time * batch + item }

  /// Where the hidden states of one time begin in the sequence of results.
  func sequence(_ time: Int, _ direction: Int, _ item: Int) -> Int {
    hidden
      * (batchFirst
        ? (item * steps + time) * directions + direction : (time * directions + direction) * batch + item)
  }

  /// Where a first or last state begins.
  func state(_ direction: Int, _ item: Int) -> Int {
    hidden * (batchFirst ? item * directions + direction : direction * batch + item)
  }

  /// At which time step `step` of a sequence of `length` works. Behind the end of a sequence nothing runs.
  func time(_ step: Int, length: Int, reversed: Bool) -> Int {
    reversed && step < length ? length - 1 - step : step
  }

  /// The parts of the batch and the directions that can run side by side: `[direction, items]`.
  func tasks(lanes: Int) -> [(direction: Int, items: Range<Int>)] {
    let parts = max(1, min(batch, (lanes + directions - 1) / directions))
    return (0..<directions).flatMap { direction in
      (0..<parts).map { (direction, $0 * batch / parts..<($0 + 1) * batch / parts) }
    }
  }
}

/// What a recurrent layer keeps of its run, in one block of memory: the gates, already activated; the hidden state
/// before each step; and the cell state before it or the reset gate's operand. Row by row as the input, directions side
/// by side.
struct RecurrentMemory {
  let geometry: RecurrentGeometry
  let gates: UnsafeMutablePointer<Float>
  /// nil where no gradient will ask.
  let before: UnsafeMutablePointer<Float>?
  let extra: UnsafeMutablePointer<Float>?

  init(
    _ start: UnsafeMutablePointer<Float>, _ geometry: RecurrentGeometry, _ cell: RecurrentCell, keeps: Bool
  ) {
    self.geometry = geometry
    gates = start
    let size = geometry.rows * geometry.directions * geometry.hidden
    before = keeps ? start + geometry.gates * size : nil
    extra = keeps && cell.memoryCount > geometry.gates + 1 ? start + (geometry.gates + 1) * size : nil
  }

  func place(_ time: Int, _ direction: Int, _ item: Int) -> Int {
    (geometry.row(time, item) * geometry.directions + direction) * geometry.hidden
  }
}

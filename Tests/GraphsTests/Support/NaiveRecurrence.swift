import Glibc
import Tensors

/// A recurrent layer as ONNX writes its equations, number by number: result `place` of all hidden states, the last
/// hidden state, the last cell state. `operands` are ONNX's, nil where one is left out. The batch is the second axis.
func naiveRecurrence(
  _ kind: String, _ operands: [Values?], _ attributes: [String: Attribute], result place: Int
) -> Values {
  guard let x = operands[0], let w = operands[1], let r = operands[2] else {
    preconditionFailure("a recurrent layer needs three operands")
  }
  func operand(_ index: Int) -> Values? { index < operands.count ? operands[index] : nil }
  let (steps, batch, directions, units) = (x.shape[0], x.shape[1], r.shape[0], r.shape[2])
  let width = r.shape[1]
  let names = attributes.strings("activations") ?? []
  let clip = attributes.float("clip", default: .infinity)
  var all = Values([steps, directions, batch, units]) { _ in 0 }
  var last = Values([directions, batch, units]) { _ in 0 }
  var lastCell = last

  for direction in 0..<directions {
    let usual =
      kind == "LSTM" ? ["Sigmoid", "Tanh", "Tanh"] : kind == "GRU" ? ["Sigmoid", "Tanh"] : ["Tanh"]
    let own = names.isEmpty ? usual : Array(names[(direction * usual.count)...].prefix(usual.count))
    func act(_ place: Int, _ value: Double) -> Double {
      let clipped = place == 2 ? value : min(max(value, -clip), clip)
      return naiveGate(own[place], clipped)
    }
    func bias(_ row: Int, recurrent: Bool) -> Double {
      operand(3)?[[direction, row + (recurrent ? width : 0)]] ?? 0
    }
    func peephole(_ gate: Int, _ unit: Int) -> Double { operand(7)?[[direction, gate * units + unit]] ?? 0 }
    let backward = direction == 1 || attributes.string("direction", default: "forward") == "reverse"
    for item in 0..<batch {
      let length = operand(4).map { Int($0.elements[item]) } ?? steps
      var hidden = (0..<units).map { operand(5)?[[direction, item, $0]] ?? 0 }
      var cell = (0..<units).map { operand(6)?[[direction, item, $0]] ?? 0 }
      for step in 0..<length {
        let time = backward ? length - 1 - step : step
        func input(_ row: Int) -> Double {
          (0..<x.shape[2]).reduce(bias(row, recurrent: false)) {
            $0 + w[[direction, row, $1]] * x[[time, item, $1]]
          }
        }
        func past(_ row: Int, _ state: [Double]) -> Double {
          (0..<units).reduce(bias(row, recurrent: true)) { $0 + r[[direction, row, $1]] * state[$1] }
        }
        let old = hidden
        func gate(_ index: Int, _ function: Int, _ unit: Int, adding term: Double = 0) -> Double {
          act(function, input(index * units + unit) + past(index * units + unit, old) + term)
        }
        switch kind {
        case "RNN": hidden = (0..<units).map { gate(0, 0, $0) }
        case "GRU":
          let update = (0..<units).map { gate(0, 0, $0) }
          let reset = (0..<units).map { gate(1, 0, $0) }
          let after = attributes.integer("linear_before_reset", default: 0) != 0
          let seen = zip(reset, old).map { $0 * $1 }
          hidden = (0..<units).map { unit in
            let row = 2 * units + unit
            let candidate = act(1, input(row) + (after ? reset[unit] * past(row, old) : past(row, seen)))
            return (1 - update[unit]) * candidate + update[unit] * old[unit]
          }
        default:
          let couples = attributes.integer("input_forget", default: 0) != 0
          for unit in 0..<units {
            let open = gate(0, 0, unit, adding: peephole(0, unit) * cell[unit])
            let forget = couples ? 1 - open : gate(2, 0, unit, adding: peephole(2, unit) * cell[unit])
            cell[unit] = forget * cell[unit] + open * gate(3, 1, unit)
            hidden[unit] =
              gate(1, 0, unit, adding: peephole(1, unit) * cell[unit]) * act(2, cell[unit])
          }
        }
        for unit in 0..<units {
          all.elements[all.position(of: [time, direction, item, unit])] = hidden[unit]
        }
      }
      for unit in 0..<units {
        last.elements[last.position(of: [direction, item, unit])] = hidden[unit]
        lastCell.elements[lastCell.position(of: [direction, item, unit])] = cell[unit]
      }
    }
  }
  return [all, last, lastCell][place]
}

/// A gate's function, with ONNX's values of alpha and beta.
private func naiveGate(_ name: String, _ x: Double) -> Double {
  switch name {
  case "Sigmoid": 1 / (1 + exp(-x))
  case "Tanh": tanh(x)
  case "Relu": max(0, x)
  case "LeakyRelu": x < 0 ? 0.01 * x : x
  case "HardSigmoid": min(1, max(0, 0.2 * x + 0.5))
  case "Elu": x < 0 ? exp(x) - 1 : x
  case "Softsign": x / (1 + abs(x))
  case "Softplus": log(1 + exp(x))
  case "Affine": x
  default: preconditionFailure("no oracle for \(name)")
  }
}

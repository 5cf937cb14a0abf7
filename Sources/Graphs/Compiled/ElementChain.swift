import OneDNN
import Tensors

/// Element-wise steps one after another, in one pass over memory: each is done on a piece that stays in the first-level
/// cache, before the next piece is begun.
struct ElementChain: Sendable {
  /// A function of the running values alone, or of them and an operand.
  struct Link: Sendable {
    let function: ElementFunction
    let hasOperand: Bool
  }

  private let links: [Link]

  init(_ links: [Link]) { self.links = links }

  /// About how many elementary operations an element takes.
  var work: Int { links.count }

  /// The chain as one function of the first running values and of all links' operands in turn.
  var function: ElementFunction {
    { count, operands, result in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * count) { tiles in
        guard let tiles = tiles.baseAddress else { return }
        var (running, next) = (operands[0], 1)
        for (index, link) in links.enumerated() {
          // The compiler's vector loops want results apart from operands.
          let target = index == links.count - 1 ? result : tiles + index % 2 * count
          var pair = (running, running)
          if link.hasOperand {
            pair.1 = operands[next]
            next += 1
          }
          withUnsafePointer(to: &pair) { pair in
            pair.withMemoryRebound(to: UnsafePointer<Float>.self, capacity: 2) {
              link.function(count, $0, target)
            }
          }
          running = UnsafePointer(target)
        }
      }
    }
  }
}

extension Lowering {
  /// Emits `steps` on `source` in one pass, if they are simple enough and lie well; false, with no step emitted, if not.
  func emitChain(_ steps: [TailStep], from source: Operand, to result: Operand, _ full: Shape) throws -> Bool
  {
    guard full.count > 0, let whole = result.layout.structure, source.layout == result.layout else {
      return false
    }
    var links: [ElementChain.Link] = []
    var operands: [(structure: Layout.Structure, use: () throws -> Operand)] = []
    for step in steps {
      guard let link = link(step) else { return false }
      links.append(link)
      guard link.hasOperand else { continue }
      guard let operand = try chained(step, beside: result.layout, full) else { return false }
      operands.append(operand)
    }
    let structures = [whole] + operands.map(\.structure)
    let inPlace = source.buffer == result.buffer ? 0 : nil
    guard let loop = ElementLoop(result: whole, operands: structures, inPlace: inPlace) else { return false }
    let chain = ElementChain(links)
    let inputs = try [source] + operands.map { try $0.use() }
    guard !inputs.dropFirst().contains(where: { $0.buffer == result.buffer }) else { return false }
    let function = chain.function
    emit(
      NativeKernel(work: saturatingProduct(full.count, chain.work)) { inputs, outputs, lanes in
        loop.run(inputs, outputs[0], lanes, function)
      }, inputs: inputs, outputs: [result])
    return true
  }

  /// What the step does to a stretch of numbers; nil where oneDNN's exponentials are faster than ours.
  private func link(_ step: TailStep) -> ElementChain.Link? {
    switch step {
    case .function(let function):
      return function.elementFunction.map { .init(function: $0, hasOperand: false) }
    case .binary(let function, let name):
      if let simple = self.function(function, ofConstant: name) {
        return simple.elementFunction.map { .init(function: $0, hasOperand: false) }
      }
      return .init(function: function.elementFunction, hasOperand: true)
    case .perChannel(let function, _): return .init(function: function.elementFunction, hasOperand: true)
    case .slope(let function, _): return function.slopeFunction.map { .init(function: $0, hasOperand: true) }
    }
  }

  /// How a step's operand lies beside running values in `layout`, and the way to get it; nil where it cannot lie there.
  private func chained(_ step: TailStep, beside layout: Layout, _ full: Shape) throws
    -> (structure: Layout.Structure, use: () throws -> Operand)?
  {
    let view: Shape
    let place: (Layout) throws -> Operand
    switch step {
    case .function: return nil
    case .binary(_, let name), .slope(_, let name):
      view = self.view(try shape(name), in: full)
      place = { try self.use(name, viewedAs: view, as: $0) }
    case .perChannel(_, let values):
      view = channelShape(values.count, rank: full.rank)
      place = { try self.use(values, viewedAs: view, as: $0) }
    }
    guard let sibling = try layout.sibling(view.dimensions), let structure = sibling.structure else {
      return nil
    }
    return (structure, { try place(sibling) })
  }
}

// Loops with constants are written out: the compiler does not see through a function that captured them. Numbers are read
// before they are chosen from: a read that depends on a choice is a branch, and keeps a loop from vectors.
extension Function {
  /// Where it takes no exponential.
  fileprivate var elementFunction: ElementFunction? {
    switch self {
    case .relu(let slope):
      { count, operands, result in
        let a = operands[0]
        for index in 0..<count { result[index] = a[index] > 0 ? a[index] : slope * a[index] }
      }
    case .clip(let lowest, let highest):
      { count, operands, result in
        let a = operands[0]
        for index in 0..<count {
          let raised = a[index] < lowest ? lowest : a[index]
          result[index] = raised > highest ? highest : raised
        }
      }
    case .linear(let scale, let shift):
      { count, operands, result in
        let a = operands[0]
        for index in 0..<count { result[index] = scale * a[index] + shift }
      }
    case .abs: ofOne { Swift.abs($0) }
    case .square: ofOne { $0 * $0 }
    case .logistic, .tanh, .elu, .exp, .log, .sqrt, .softplus, .hardSigmoid, .hardSwish, .swish, .mish, .gelu,
      .tanhGelu:
      nil
    }
  }

  /// `gradient · f′`, of a gradient and of what ``derivativeIsOfResult`` says, where that takes no exponential.
  var slopeFunction: ElementFunction? {
    switch self {
    case .relu(let slope) where slope >= 0:
      { count, operands, result in
        let (gradient, y) = (operands[0], operands[1])
        for index in 0..<count {
          result[index] = y[index] > 0 ? gradient[index] : slope * gradient[index]
        }
      }
    case .clip(let lowest, let highest):
      { count, operands, result in
        let (gradient, y) = (operands[0], operands[1])
        for index in 0..<count {
          let incoming = gradient[index]
          let above = y[index] > lowest ? incoming : 0
          result[index] = y[index] < highest ? above : 0
        }
      }
    case .elu(let scale) where scale >= 0:
      { count, operands, result in
        let (gradient, y) = (operands[0], operands[1])
        for index in 0..<count {
          result[index] = gradient[index] * (y[index] > 0 ? 1 : y[index] + scale)
        }
      }
    case .logistic: ofTwo { $0 * $1 * (1 - $1) }
    case .tanh: ofTwo { $0 * (1 - $1 * $1) }
    case .exp: ofTwo { $0 * $1 }
    case .abs: ofTwo { $1 > 0 ? $0 : $1 < 0 ? -$0 : 0 }
    case .square: ofTwo { 2 * $0 * $1 }
    case .hardSigmoid(let slope, let shift):
      { count, operands, result in
        let (gradient, x) = (operands[0], operands[1])
        for index in 0..<count {
          let value = slope * x[index] + shift
          let inside = slope * gradient[index]
          let above = value > 0 ? inside : 0
          result[index] = value < 1 ? above : 0
        }
      }
    case .hardSwish(let slope, let shift):
      { count, operands, result in
        let (gradient, x) = (operands[0], operands[1])
        for index in 0..<count {
          let value = slope * x[index] + shift
          let inside = gradient[index] * (slope * x[index] + value)
          let above = value > 0 ? inside : 0
          result[index] = value < 1 ? above : gradient[index]
        }
      }
    case .relu, .elu, .linear, .log, .sqrt, .softplus, .swish, .mish, .gelu, .tanhGelu: nil
    }
  }

  /// Whether `f′` is written in terms of the function's result rather than its argument.
  var derivativeIsOfResult: Bool {
    switch self {
    case .relu(let slope): slope >= 0
    case .elu(let scale): scale >= 0
    case .clip, .logistic, .tanh, .exp, .sqrt: true
    case .linear, .log, .abs, .square, .softplus, .hardSigmoid, .hardSwish, .swish, .mish, .gelu, .tanhGelu:
      false
    }
  }
}

extension FrontEnd.Compression {
  private enum Kind: String, CaseIterable {
    case log
    case decibels
    case power
    case pcen
    case none

    var keys: [String] {
      switch self {
      case .log: ["base", "scale", "offset", "floor"]
      case .decibels: ["floor", "factor", "reference", "top_db"]
      case .power: ["exponent"]
      case .pcen: ["gain", "bias", "power", "time_constant", "epsilon"]
      case .none: []
      }
    }
  }

  private var kind: Kind {
    switch self {
    case .log: .log
    case .decibels: .decibels
    case .power: .power
    case .pcen: .pcen
    case .none: .none
    }
  }

  init(_ parent: JSONFields, else base: Self?) throws {
    let keys = Kind.allCases.flatMap(\.keys) + ["kind"]
    guard let fields = try parent.nested("compression", keys: Set(keys)) else {
      self = try parent.given("compression", else: base)
      return
    }
    let kind: Kind = try fields.choice("kind", else: base?.kind)
    for key in Set(keys).subtracting(kind.keys + ["kind"]).sorted() {
      let owners = Kind.allCases.filter { $0.keys.contains(key) }.map { "\"\($0.rawValue)\"" }
      try fields.refuse(
        [key], "belongs to the kind \(owners.joined(separator: " or ")), not to \"\(kind.rawValue)\"")
    }
    switch kind {
    case .log:
      let (base, scale, offset, floor) = base?.asLog ?? (nil, 1, 0, 0)
      self = .log(
        base: try fields.choice("base", else: base), scale: try fields.value("scale", else: scale),
        offset: try fields.value("offset", else: offset), floor: try fields.value("floor", else: floor))
    case .decibels:
      let (floor, factor, reference, range) = base?.asDecibels ?? (nil, 10, .value(1), nil)
      let topDB = try fields.optional("top_db", Double.self, "must be a number")
      self = .decibels(
        floor: try fields.value("floor", else: floor), factor: try fields.value("factor", else: factor),
        reference: try Reference(fields, else: reference), range: topDB ?? range)
    case .power:
      var exponent: Double?
      if case .power(let known)? = base { exponent = known }
      self = .power(exponent: try fields.value("exponent", else: exponent))
    case .pcen:
      var known = FrontEnd.PCEN()
      if case .pcen(let pcen)? = base { known = pcen }
      self = .pcen(
        FrontEnd.PCEN(
          gain: try fields.value("gain", else: known.gain), bias: try fields.value("bias", else: known.bias),
          power: try fields.value("power", else: known.power),
          timeConstant: try fields.value("time_constant", else: known.timeConstant),
          epsilon: try fields.value("epsilon", else: known.epsilon)))
    case .none: self = .none
    }
  }

  private var asLog: (base: LogBase?, scale: Double, offset: Double, floor: Double)? {
    guard case .log(let base, let scale, let offset, let floor) = self else { return nil }
    return (base, scale, offset, floor)
  }

  private var asDecibels: (floor: Double?, factor: Double, reference: Reference, range: Double?)? {
    guard case .decibels(let floor, let factor, let reference, let range) = self else { return nil }
    return (floor, factor, reference, range)
  }

  /// What is as usual is left out, but for the keys that were always there.
  func encode(to fields: inout KeyedEncodingContainer<JSONKey>) throws {
    var fields = fields.nestedContainer(keyedBy: JSONKey.self, forKey: "compression")
    try fields.encode(kind.rawValue, forKey: "kind")
    switch self {
    case .log(let base, let scale, let offset, let floor):
      try fields.encode(base, forKey: "base")
      try fields.encode(scale, forKey: "scale")
      try fields.encode(offset, forKey: "offset")
      if floor != 0 { try fields.encode(floor, forKey: "floor") }
    case .decibels(let floor, let factor, let reference, let range):
      try fields.encode(floor, forKey: "floor")
      if factor != 10 { try fields.encode(factor, forKey: "factor") }
      switch reference {
      case .value(let value): if value != 1 { try fields.encode(value, forKey: "reference") }
      case .maximum: try fields.encode("max", forKey: "reference")
      }
      try fields.encodeIfPresent(range, forKey: "top_db")
    case .power(let exponent): try fields.encode(exponent, forKey: "exponent")
    case .pcen(let pcen):
      try fields.encode(pcen.gain, forKey: "gain")
      try fields.encode(pcen.bias, forKey: "bias")
      try fields.encode(pcen.power, forKey: "power")
      try fields.encode(pcen.timeConstant, forKey: "time_constant")
      try fields.encode(pcen.epsilon, forKey: "epsilon")
    case .none: break
    }
  }
}

extension FrontEnd.Compression.Reference {
  fileprivate init(_ fields: JSONFields, else base: Self) throws {
    switch try fields.nameOrNumber("reference", names: ["max"], orA: "an energy above 0") {
    case nil: self = base
    case .name?: self = .maximum
    case .number(let value)?: self = .value(value)
    }
  }
}

extension JSONFields {
  /// The steps in an array, those that leave frames and channels as they are.
  func pictureSteps(_ key: String) throws -> [PictureStep]? {
    try objects(key)?.map { fields in
      let kind: PictureStep.Kind = try fields.choice("kind", else: nil)
      return try PictureStep(kind, fields)
    }
  }

  /// The steps in an array.
  func patchSteps(_ key: String) throws -> [PatchStep]? {
    try objects(key)?.map { fields in
      if let name = try fields.optional("kind", String.self), let kind = PictureStep.Kind(rawValue: name) {
        return .values(try PictureStep(kind, fields))
      }
      let names = PictureStep.Kind.allCases.map(\.rawValue) + PatchStep.Kind.allCases.map(\.rawValue)
      let kind = try fields.optional("kind", String.self).flatMap { PatchStep.Kind(rawValue: $0) }
      guard let kind else { throw fields.wrong("kind", "must be one of " + names.joined(separator: ", ")) }
      return try PatchStep(kind, fields)
    }
  }
}

extension PictureStep {
  enum Kind: String, CaseIterable {
    case affine
    case statistics
    case standardise
    case subtractMaximum = "subtract-maximum"
    case raiseToRange = "raise-to-range"
    case unitRange = "unit-range"
    case unitPeak = "unit-peak"
    case clip
    case cepstra
  }

  fileprivate init(_ kind: Kind, _ fields: JSONFields) throws {
    func only(_ keys: String...) throws { try fields.allow(Set(keys + ["kind"])) }
    switch kind {
    case .affine:
      try only("scale", "shift")
      self = .affine(scale: try fields.value("scale", else: 1), shift: try fields.value("shift", else: 0))
    case .statistics:
      try only("mean", "deviation")
      self = .statistics(mean: try fields.numbers("mean"), deviation: try fields.numbers("deviation"))
    case .standardise:
      try only("over", "centre", "scale", "unbiased", "epsilon", "guard")
      self = .standardise(
        Standardisation(
          over: try fields.choice("over", else: .all), centres: try fields.truth("centre", else: true),
          scales: try fields.truth("scale", else: true),
          isUnbiased: try fields.truth("unbiased", else: false),
          epsilon: try fields.value("epsilon", else: 0),
          guarding: try fields.choice("guard", else: .addedToDeviation)))
    case .subtractMaximum:
      try only()
      self = .subtractMaximum
    case .raiseToRange:
      try only("range")
      self = .raiseToRange(try fields.value("range", else: nil))
    case .unitRange:
      try only("epsilon")
      self = .unitRange(epsilon: try fields.value("epsilon", else: 0))
    case .unitPeak:
      try only()
      self = .unitPeak
    case .clip:
      try only("lowest", "highest")
      self = .clip(
        lowest: try fields.value("lowest", else: nil), highest: try fields.value("highest", else: nil))
    case .cepstra:
      try only("count", "orthonormal", "lifter", "lifter_kind")
      let length: Double = try fields.value("lifter", else: 0)
      let kind: Cepstra.LifterKind = try fields.choice("lifter_kind", else: .librosa)
      self = .cepstra(
        Cepstra(
          count: try fields.value("count", else: nil),
          isOrthonormal: try fields.truth("orthonormal", else: true),
          lifter: length == 0 ? .none : kind == .kaldi ? .kaldi(length) : .librosa(length)))
    }
  }

  fileprivate func encode(to fields: inout KeyedEncodingContainer<JSONKey>) throws {
    func kind(_ kind: Kind) throws { try fields.encode(kind.rawValue, forKey: "kind") }
    switch self {
    case .affine(let scale, let shift):
      try kind(.affine)
      try fields.encode(scale, forKey: "scale")
      try fields.encode(shift, forKey: "shift")
    case .statistics(let mean, let deviation):
      try kind(.statistics)
      try fields.encode(mean, forKey: "mean")
      try fields.encode(deviation, forKey: "deviation")
    case .standardise(let standardisation):
      try kind(.standardise)
      try fields.encode(standardisation.over, forKey: "over")
      if !standardisation.centres { try fields.encode(false, forKey: "centre") }
      if !standardisation.scales { try fields.encode(false, forKey: "scale") }
      if standardisation.isUnbiased { try fields.encode(true, forKey: "unbiased") }
      try fields.encode(standardisation.epsilon, forKey: "epsilon")
      try fields.encode(standardisation.guarding, forKey: "guard")
    case .subtractMaximum: try kind(.subtractMaximum)
    case .raiseToRange(let range):
      try kind(.raiseToRange)
      try fields.encode(range, forKey: "range")
    case .unitRange(let epsilon):
      try kind(.unitRange)
      try fields.encode(epsilon, forKey: "epsilon")
    case .unitPeak: try kind(.unitPeak)
    case .clip(let lowest, let highest):
      try kind(.clip)
      try fields.encode(lowest, forKey: "lowest")
      try fields.encode(highest, forKey: "highest")
    case .cepstra(let cepstra):
      try kind(.cepstra)
      try fields.encode(cepstra.count, forKey: "count")
      try fields.encode(cepstra.isOrthonormal, forKey: "orthonormal")
      switch cepstra.lifter {
      case .none: break
      case .librosa(let length): try fields.encode(length, forKey: "lifter")
      case .kaldi(let length):
        try fields.encode(length, forKey: "lifter")
        try fields.encode(Cepstra.LifterKind.kaldi.rawValue, forKey: "lifter_kind")
      }
    }
  }
}

extension PictureStep.Cepstra {
  fileprivate enum LifterKind: String, CaseIterable {
    case librosa
    case kaldi
  }
}

extension PatchStep: Encodable {
  fileprivate enum Kind: String, CaseIterable {
    case resize
    case cut
    case flip
    case copies
    case deltas
    case colours
    case channelStatistics = "channel-statistics"
  }

  fileprivate init(_ kind: Kind, _ fields: JSONFields) throws {
    func only(_ keys: String...) throws { try fields.allow(Set(keys + ["kind"])) }
    switch kind {
    case .resize:
      try only("frames", "bands", "mode")
      self = .resize(
        frames: try fields.value("frames", else: nil), bands: try fields.value("bands", else: nil),
        mode: try fields.choice("mode", else: .bilinear))
    case .cut:
      try only("frames")
      self = .cut(frames: try fields.value("frames", else: nil))
    case .flip:
      try only("axis")
      self = .flip(try fields.choice("axis", else: .bands))
    case .copies:
      try only("channels")
      self = .copies(try fields.value("channels", else: nil))
    case .deltas:
      try only("width", "orders", "method")
      self = .deltas(
        Deltas(
          width: try fields.value("width", else: nil), orders: try fields.value("orders", else: 1),
          kind: try fields.choice("method", else: nil)))
    case .colours:
      try only("map", "interpolated")
      self = .colours(
        Colours(
          try fields.choice("map", else: nil),
          isInterpolated: try fields.truth("interpolated", else: true)))
    case .channelStatistics:
      try only("mean", "deviation")
      self = .channelStatistics(
        mean: try fields.numbers("mean"), deviation: try fields.numbers("deviation"))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: JSONKey.self)
    func kind(_ kind: Kind) throws { try fields.encode(kind.rawValue, forKey: "kind") }
    switch self {
    case .values(let step): try step.encode(to: &fields)
    case .resize(let frames, let bands, let mode):
      try kind(.resize)
      try fields.encode(frames, forKey: "frames")
      try fields.encode(bands, forKey: "bands")
      try fields.encode(mode, forKey: "mode")
    case .cut(let frames):
      try kind(.cut)
      try fields.encode(frames, forKey: "frames")
    case .flip(let axis):
      try kind(.flip)
      try fields.encode(axis, forKey: "axis")
    case .copies(let channels):
      try kind(.copies)
      try fields.encode(channels, forKey: "channels")
    case .deltas(let deltas):
      try kind(.deltas)
      try fields.encode(deltas.width, forKey: "width")
      try fields.encode(deltas.orders, forKey: "orders")
      try fields.encode(deltas.kind, forKey: "method")
    case .colours(let colours):
      try kind(.colours)
      try fields.encode(colours.map, forKey: "map")
      if !colours.isInterpolated { try fields.encode(false, forKey: "interpolated") }
    case .channelStatistics(let mean, let deviation):
      try kind(.channelStatistics)
      try fields.encode(mean, forKey: "mean")
      try fields.encode(deviation, forKey: "deviation")
    }
  }
}

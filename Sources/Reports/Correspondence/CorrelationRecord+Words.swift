import Files

extension CorrelationRecord {
  /// "unit 37 of layer 5 (conv5) follows onset rate (r = .76, 95 % .70 to .81, q < .001)"
  package var line: String {
    var facts = [
      "r = \(Self.share(r))", "95 % \(Self.share(interval[0])) to \(Self.share(interval[1]))",
      Self.probability("q", q),
    ]
    if let permutationP { facts.append(Self.probability("permutation p", permutationP)) }
    if let recordingsR, let recordings, recordings < clips {
      facts.append("r = \(Self.share(recordingsR)) over \(recordings) recordings")
    }
    let verb = r < 0 ? "falls with" : "follows"
    return
      "unit \(unit) of layer \(layerNumber) (\(layer)) \(verb) \(DescriptorName(descriptor).words) (\(facts.joined(separator: ", ")))"
  }

  /// `.76`, `-.05`, `1.00`
  package static func share(_ value: Double) -> String {
    let hundredths = Int((abs(value) * 100).rounded())
    let digits = hundredths % 100 < 10 ? "0\(hundredths % 100)" : "\(hundredths % 100)"
    return (value < 0 && hundredths > 0 ? "-" : "") + (hundredths >= 100 ? "\(hundredths / 100)" : "") + "."
      + digits
  }

  /// `q = .02`, `q < .001`
  static func probability(_ name: String, _ value: Double) -> String {
    if value < 0.001 { return "\(name) < .001" }
    let thousandths = Int((value * 1000).rounded())
    let digits =
      String(repeating: "0", count: max(0, 3 - "\(thousandths % 1000)".count)) + "\(thousandths % 1000)"
    return "\(name) = " + (thousandths >= 1000 ? "1.000" : ".\(digits)")
  }
}

extension PartRecord {
  /// "layer 2 (conv2), harmonic: 31 % of 1 204 keypoints found in place, by chance 12 % (+19, 95 % +14 to +24)"
  package var line: String? {
    guard let own = matchedInPlace, let chance = chanceMatchedInPlace, let excess,
      let interval = excessInterval
    else {
      return nil
    }
    func percent(_ share: Double) -> String { NumberText.rounded((share * 1000).rounded() / 10, digits: 3) }
    func signed(_ share: Double) -> String { (share >= 0 ? "+" : "") + percent(share) }
    return
      "layer \(layerNumber) (\(layer)), \(part): \(percent(own)) % of \(NumberText.grouped(keypoints)) keypoints in place, "
      + "by chance \(percent(chance)) % (\(signed(excess)), 95 % \(signed(interval[0])) to \(signed(interval[1])))"
  }
}

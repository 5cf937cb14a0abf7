import Models
import Testing

struct ParameterPatternTests {
  @Test(
    "Patterns match whole names",
    arguments: [
      ("*", "conv1.weight", true), ("*", "", true), ("conv1.*", "conv1.weight", true),
      ("conv1", "conv1.weight", false),
      ("conv?.weight", "conv1.weight", true), ("conv?.weight", "conv10.weight", false),
      ("layer[0-2]*", "layer1.0.conv1.weight", true), ("layer[0-2]*", "layer3.0.conv1.weight", false),
      ("layer[!0-2]*", "layer3.bias", true), ("[ac]1", "a1", true), ("[ac]1", "b1", false),
      ("[]]", "]", true),
      ("*.bias", "a.bias.bias", true), ("*a*b*c", "xaxbxcxc", true), ("*a*b*c", "xaxbxcxd", false),
      ("\\*", "*", true), ("\\*", "a", false), ("a**b", "ab", true), ("a", "A", false), ("[a-]x", "-x", true),
    ])
  func matching(pattern: String, name: String, expected: Bool) throws {
    #expect(try ParameterPattern(pattern).matches(name) == expected)
  }

  /// All patterns of up to four signs against all names of up to four letters, by the definition.
  @Test("Patterns match as the definition says")
  func definition() throws {
    func all(_ signs: [Character], upTo length: Int) -> [String] {
      var (words, last) = ([""], [""])
      for _ in 0..<length {
        last = last.flatMap { word in signs.map { word + String($0) } }
        words += last
      }
      return words
    }
    func matches(_ pattern: Substring, _ name: Substring) -> Bool {
      guard let sign = pattern.first else { return name.isEmpty }
      if sign == "*" {
        return matches(pattern.dropFirst(), name) || (!name.isEmpty && matches(pattern, name.dropFirst()))
      }
      guard let letter = name.first, sign == "?" || sign == letter else { return false }
      return matches(pattern.dropFirst(), name.dropFirst())
    }
    let names = all(["a", "b"], upTo: 4)
    for text in all(["a", "b", "*", "?"], upTo: 4) where !text.isEmpty {
      let pattern = try ParameterPattern(text)
      #expect(names.filter(pattern.matches) == names.filter { matches(text[...], $0[...]) }, "\(text)")
    }
  }

  @Test("Malformed patterns, and those that match nothing, say so")
  func errors() throws {
    for text in ["", "a[b", "a\\", "[z-a]"] {
      #expect(throws: ParameterPatternError.self) { try ParameterPattern(text) }
    }
    let names = ["conv1.weight", "conv2.weight", "fc.weight"]
    let patterns = try ["fc*", "*1*"].map { try ParameterPattern($0) }
    #expect(try patterns.selecting(from: names) == ["conv1.weight", "fc.weight"])
    let misspelt = try [ParameterPattern("conv3.*")]
    #expect(
      throws: ParameterPatternError.matchesNothing(
        "conv3.*", nearest: ["conv1.weight", "conv2.weight", "fc.weight"])
    ) { try misspelt.selecting(from: names) }
  }
}

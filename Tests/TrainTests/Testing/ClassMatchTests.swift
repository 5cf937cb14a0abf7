import Testing
import Train

struct ClassMatchTests {
  @Test("names are compared without regard to case and separators")
  func names() throws {
    let match = try ClassMatch(
      labels: ["Dog bark", "Siren", "gun-shot"], count: 3, model: "net",
      classes: ["gun_shot", "dog_bark", "rain"],
      data: "set")
    #expect(match.outputs == [2, 0, nil])
    #expect(match.missing == ["rain"] && match.excess == ["Siren"] && !match.isByOrder)
    let notes = match.notes(model: "net", data: "set")
    #expect(notes.count == 2 && notes[0].contains("rain") && notes[1].contains("Siren"))
  }

  @Test("without labels the order counts, if there are as many")
  func order() throws {
    let match = try ClassMatch(labels: [], count: 2, model: "net", classes: ["a", "b"], data: "set")
    #expect(match.outputs == [0, 1] && match.isByOrder)
    #expect(throws: TestingError.unnamedClasses(model: "net", count: 3, data: "set", classes: ["a", "b"])) {
      try ClassMatch(labels: [], count: 3, model: "net", classes: ["a", "b"], data: "set")
    }
  }

  @Test("a model of other classes is refused with both lists")
  func strangers() {
    let error = #expect(throws: TestingError.self) {
      try ClassMatch(labels: ["low", "high"], count: 2, model: "net", classes: ["dog", "cat"], data: "set")
    }
    let words = error?.description ?? ""
    #expect(["low", "high", "dog", "cat"].allSatisfy(words.contains) && error?.isMisuse == true)
  }

  @Test("names without letters are themselves")
  func symbols() throws {
    let match = try ClassMatch(labels: ["?", "!"], count: 2, model: "net", classes: ["!", "?"], data: "set")
    #expect(match.outputs == [1, 0])
  }
}

import Explain
import Models
import Tensors
import TestSupport
import Testing

struct TargetTests {
  private static let choices: [(text: String, choice: TargetChoice?)] = [
    ("top", .top(1)), ("top:1", .top(1)), ("top:3", .top(3)), ("top:0", nil), ("top:-2", nil), ("top:", nil),
    ("top:many", nil), ("7", .index(7)), ("-1", .index(-1)), ("Dog", .label("Dog")), ("", .label("")),
    ("Chicken, rooster", .label("Chicken, rooster")), ("topping", .label("topping")),
  ]

  @Test("A choice as a user says it", arguments: choices)
  func parsing(text: String, choice: TargetChoice?) { #expect(TargetChoice(text) == choice) }

  private func model(_ labels: [String]?) throws -> AudioModel {
    let weights = Tensor(joining: (0..<4).map { _ in Tensor([1, 4], [0.05, 0.2, 0.1, 0.2]) })
    return try HandmadeONNX.linear(["N", 2, 2], weights).model(frontEnd(frames: 2, bands: 2), labels: labels)
  }

  private func targets(_ text: String, _ labels: [String]? = ["Dog", "dog", "Cow", "Été"]) throws -> [Target]
  {
    let model = try model(labels)
    let listening = try model.listen(toLogMel: Tensor([2, 2], repeating: 1))
    return try model.targets(#require(TargetChoice(text)), for: listening)
  }

  @Test("The classes that are meant, with what was reported for them")
  func found() throws {
    #expect(try targets("top").map(\.index) == [1])
    #expect(try targets("top:3").map(\.index) == [1, 3, 2])
    #expect(try targets("top:9").map(\.index) == [1, 3, 2, 0])
    #expect(try targets("2").map(\.label) == ["Cow"])
    let cow = try #require(try targets("COW").first)
    #expect(cow.index == 2 && cow.label == "Cow" && abs(cow.probability - 0.4) < 1e-6)
    // An exact name goes before another that differs in case.
    #expect(try targets("dog").map(\.index) == [1])
    #expect(try targets("Dog").map(\.index) == [0])
    #expect(try targets("DOG").map(\.index) == [0])
    #expect(try targets("éTé").map(\.index) == [3])
    #expect(try targets("1", nil).map(\.label) == ["class 1"])
  }

  @Test("Classes that there are not, with what was perhaps meant")
  func missing() throws {
    func message(_ text: String, _ labels: [String]? = ["Dog", "dog", "Cow", "Été"]) throws -> String {
      try #require(#expect(throws: ModelError.self) { try targets(text, labels) }).description
    }
    #expect(try message("4") == "there is no class 4; choose 0 to 3")
    #expect(try message("-1") == "there is no class -1; choose 0 to 3")
    #expect(try message("Cou").hasPrefix("no class is called 'Cou'; nearest: 'Cow'"))
    #expect(
      try message("Dog", nil).hasPrefix(
        "no class is called 'Dog', for nothing names the model's classes; give an"))
  }
}

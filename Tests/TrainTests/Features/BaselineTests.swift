import Glibc
import Tensors
import TestSupport
import Testing
import Train

struct BaselineTests {
  private static let archive = Result {
    let path = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Golden/baselines.npz"
    return try NumPy.readArchive(path)
  }

  private func array(_ name: String) throws -> Tensor {
    try #require(try Self.archive.get().first { $0.name == name }).tensor
  }

  private func rows(_ tensor: Tensor) -> [[Double]] {
    (0..<tensor.shape[0]).map { row in (0..<tensor.shape[1]).map { Double(tensor[row, $0]) } }
  }

  // Both stop at derivatives of 1e-6 or less; what is left of the way is smaller than 1e-4 in probabilities.
  @Test("agrees with scikit-learn's LogisticRegression", arguments: [1.0, 0.05])
  func scikit(strength: Double) throws {
    let features = rows(try array("features"))
    let model = LogisticRegression(
      features, classes: try array("classes").values.map { [Int($0)] }, classCount: 4, strength: strength)
    #expect(model.gradient <= 1e-6)
    let expected = try array("probabilities \(strength)").values
    let ours = model.probabilities(features)
    #expect(ours.shape == [80, 4])
    #expect(zip(ours.values, expected).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test("agrees with scikit-learn's OneVsRestClassifier for clips of several classes")
  func several() throws {
    let features = rows(try array("features"))
    let labels = rows(try array("several")).map { row in row.indices.filter { row[$0] == 1 } }
    let model = LogisticRegression(features, classes: labels, classCount: 3, isMultiLabel: true)
    let expected = try array("probabilities of several").values
    #expect(zip(model.probabilities(features).values, expected).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test("separable classes do not run away: probabilities are numbers, and right")
  func separable() {
    let features = (0..<20).map { [Double($0), 3] }
    let model = LogisticRegression(
      features, classes: (0..<20).map { [$0 < 10 ? 0 : 1] }, classCount: 2, strength: 1e6)
    let probabilities = model.probabilities(features)
    for row in 0..<20 {
      #expect(probabilities[row, row < 10 ? 0 : 1] > 0.5)
      #expect(abs(probabilities[row, 0] + probabilities[row, 1] - 1) < 1e-6)
    }
  }

  @Test("of a data set, answers of both, for the wanted clips that can be read")
  func answers() throws {
    try withScratchFolder { folder in
      var clips = try toyClips(8, in: folder)
      for place in clips.indices { clips[place].group = "\(place / 2)" }
      clips.append(LabelledClip(path: "\(folder)/none.wav", classes: [0]))
      let data = DataSet(name: "toy", classes: ["low", "high"], clips: clips)
      let answered = try Baselines().answers(
        of: data, training: [0, 1, 2, 3, 5], on: [4, 6, 7, 8], cache: "\(folder)/cache")
      #expect(answered.map(\.name) == ["majority class", "logistic regression on mean log-mel"])
      for (_, answers) in answered {
        #expect(answers.clips.map(\.place) == [4, 6, 7] && answers.classes == data.classes)
        #expect(
          answers.clips.map(\.truth) == [[0], [0], [1]] && answers.clips.map(\.group) == ["2", "3", "3"])
        #expect(answers.clips.allSatisfy { abs($0.scores.reduce(0, +) - 1) < 1e-5 })
      }
      #expect(answered[0].answers.clips.allSatisfy { $0.scores == [0.4, 0.6] })
    }
  }

  @Test("the majority's shares are those of the training set")
  func majority() {
    let model = MajorityClass([[0], [2], [2], [1]], classCount: 4)
    #expect(model.probabilities(clips: 2).values == [0.25, 0.25, 0.5, 0, 0.25, 0.25, 0.5, 0])
  }
}

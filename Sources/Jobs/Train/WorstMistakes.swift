import Files
import Reports
import Train

/// The most confident wrong answers.
struct WorstMistakes {
  let list: [Mistake]

  struct Mistake {
    let clip: Answers.Clip
    /// The class that it was taken for, and the one that it is; nil for a clip of none.
    let answer: Int
    let truth: Int?
    let classes: [String]
    let answerName: String

    func record(_ data: DataSet) -> TestRecord.Mistake {
      let labelled = data.clips[clip.place]
      return TestRecord.Mistake(
        sound: PathText.shown(labelled.path), start: labelled.stretch?.lowerBound,
        end: labelled.stretch?.upperBound, classes: classes, answer: answerName, score: clip.scores[answer],
        scoreOfRight: truth.map { clip.scores[$0] } ?? 0)
    }
  }

  /// - Parameter count: at most.
  init(_ answers: Answers, _ data: DataSet, count: Int) {
    let wrong = answers.clips.compactMap { clip -> Mistake? in
      let answer: Int
      if answers.isMultiLabel {
        // The class that is heard most of those that the clip is not of.
        let others = answers.classes.indices.filter { answers.isKnown[$0] && !clip.truth.contains($0) }
        guard let most = others.max(by: { clip.scores[$0] < clip.scores[$1] }), clip.scores[most] >= 0.5
        else {
          return nil
        }
        answer = most
      } else {
        answer = answers.answer(to: clip)
        guard clip.truth.first != answer else { return nil }
      }
      return Mistake(
        clip: clip, answer: answer, truth: clip.truth.first, classes: clip.truth.map { answers.classes[$0] },
        answerName: answers.classes[answer])
    }
    let sorted = wrong.sorted {
      ($1.clip.scores[$1.answer], $0.clip.place) < ($0.clip.scores[$0.answer], $1.clip.place)
    }
    list = Array(sorted.prefix(max(0, count)))
  }
}

/// `answers.csv`: what was said of each clip.
struct AnswerTable {
  let text: String

  init(_ answers: Answers, _ data: DataSet) {
    var text = CommaSeparated.line(
      ["sound", "start_s", "end_s", "fold", "group", "class", "answer", "score"] + answers.classes)
    for clip in answers.clips {
      let labelled = data.clips[clip.place]
      let answer = answers.answer(to: clip)
      func seconds(_ value: Double?) -> String { value.map { NumberText.rounded($0, digits: 7) } ?? "" }
      text += CommaSeparated.line(
        [
          PathText.shown(labelled.path), seconds(labelled.stretch?.lowerBound),
          seconds(labelled.stretch?.upperBound), clip.fold.map(String.init) ?? "", clip.group ?? "",
          clip.truth.map { answers.classes[$0] }.joined(separator: ";"), answers.classes[answer],
        ] + ([clip.scores[answer]] + clip.scores).map { NumberText.rounded(Double($0), digits: 6) })
    }
    self.text = text
  }
}

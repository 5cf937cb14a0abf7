import Models

/// What is kept of a dream while it goes on: its objective, its pace, some pictures.
struct DreamWay {
  private(set) var curve: [Double] = []
  /// After the beginning, the end among them: ``PictureDreamJob/stages`` with the beginning.
  private(set) var stages: [RGBPicture] = []
  /// For a film.
  private(set) var pictures: [RGBPicture] = []
  /// Steps.
  private(set) var done = 0
  let all: Int
  private let frames: Int
  private let octaves: Int
  private let steps: Int
  private let keepsEachStep: Bool
  /// Of steps at the full size that follow another.
  private var seconds: [Double] = []
  private var lastTime: ContinuousClock.Instant?
  /// The objective in the last octave: at its first step of the first frame, and at the last.
  private(set) var first: Double?
  private(set) var last: Double?

  init(frames: Int, octaves: Int, steps: Int, keepsEachStep: Bool) {
    (self.frames, self.octaves, self.steps, self.keepsEachStep) = (frames, octaves, steps, keepsEachStep)
    all = frames * octaves * steps
  }

  mutating func begin(_ frame: Int) { lastTime = nil }

  /// After a step.
  mutating func took(_ octave: Int, _ step: Int, _ value: Double, _ picture: () -> RGBPicture) {
    let now = ContinuousClock.now
    done += 1
    curve.append(value)
    if octave == octaves - 1 {
      first = first ?? value
      last = value
      if let lastTime {
        let passed = (now - lastTime).components
        seconds.append(Double(passed.seconds) + Double(passed.attoseconds) * 1e-18)
      }
    }
    if keepsEachStep {
      // Evenly: the last is always among them.
      let every = max(1, (all + PictureDreamJob.mostFilmPictures - 1) / PictureDreamJob.mostFilmPictures)
      if (all - done) % every == 0 { pictures.append(picture()) }
    }
    if frames == 1, done < all, isStage(done, of: all) { stages.append(picture()) }
    // What is kept does not count as time of a step.
    lastTime = octave == octaves - 1 ? .now : nil
  }

  mutating func end(_ frame: Int, _ picture: () -> RGBPicture) {
    if !keepsEachStep { pictures.append(picture()) }
    if frames == 1 || isStage(frame + 1, of: frames) { stages.append(picture()) }
  }

  /// Whether the evenly spaced stages after the beginning have one at `done` of `all`.
  private func isStage(_ done: Int, of all: Int) -> Bool {
    let count = PictureDreamJob.stages - 1
    return (1...count).contains { max(1, $0 * all / count) == done }
  }

  /// The median.
  var stepSeconds: Double? {
    guard !seconds.isEmpty else { return nil }
    let sorted = seconds.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

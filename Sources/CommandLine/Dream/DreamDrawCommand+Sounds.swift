import ArgumentParser
import Audio
import Explain
import Files
import Jobs
import Models
import Probe
import Reports

extension DreamDrawCommand {
  private func request(_ model: String) throws -> DreamRequest {
    guard goal.layer.count < 2 else { throw ValidationError("--layer is given once for sounds") }
    guard steps.step.map({ $0 <= 1 }) ?? true else {
      throw ValidationError("--step must be at most 1 for sounds: a share of the range of values")
    }
    guard steps.jitter.map({ $0 <= 1 }) ?? true else {
      throw ValidationError("--jitter must be from 0 to 1 for sounds: a share of the clip")
    }
    guard picture.size == nil, picture.frames == nil, picture.seeds == nil, sound == nil else {
      throw ValidationError("--size, --frames, --seeds and --sound are for pictures")
    }
    var request = DreamRequest(sounds: files, model: listening.choice(of: model))
    request.part = Stretch(start: stretch.start, duration: stretch.duration)
    (request.targets, request.layer, request.guide) = (goal.target, goal.layer.first, goal.guide)
    request.channels = goal.channel.flatMap(ChannelChoice.init)
    request.makesFilms = film
    var settings = Dream.Settings()
    settings.octaves = Octaves(count: steps.octaves ?? settings.octaves.count, scale: steps.scale)
    (settings.steps, settings.seed) = (steps.steps, steps.seed)
    (settings.step, settings.jitter) = (steps.step ?? settings.step, steps.jitter ?? settings.jitter)
    request.settings = settings
    return request
  }

  func dreamUponSounds(_ model: String) throws {
    let job = try DreamJob(try request(model), in: listening.network.workspace) { event in
      if case .flawed(let sound, let flaws) = event { Terminal.note(flaws, of: sound) }
    }
    let made = try WholeFile.makeFolder(output)
    defer { WholeFile.removeEmptyFolders(made) }
    var report = DreamReport(
      FolderStore(output), ReportHeader(title: job.title, model: job.model.name, request: Arguments.asTyped),
      count: files.count, makesFilms: film)
    let progress = Progress("dream")
    var failed = false
    try job.run(control: progress.control) { event in
      switch event {
      case .flawed(let sound, let flaws): Terminal.note(flaws, of: sound)
      case .failed(_, let error):
        // A bad file is skipped.
        Terminal.error(words(for: error))
        failed = true
      case .dreamt(let dreamt):
        try report.add(dreamt)
        if json { try Terminal.result(RecordCoding.line(dreamt.record)) }
      }
    }
    progress.finish()
    if report.hasResults {
      let page = try report.finish()
      if !json { try Terminal.result("open \(Folder.path(to: page, in: output))") }
    }
    if failed { throw ExitCode.failure }
  }
}

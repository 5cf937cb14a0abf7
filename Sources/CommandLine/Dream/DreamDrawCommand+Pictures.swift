import ArgumentParser
import Explain
import Files
import Jobs
import Models
import Reports

extension DreamDrawCommand {
  private func request(_ model: String) throws -> PictureDreamRequest {
    guard stretch.start == 0, stretch.duration == nil else {
      throw ValidationError("--start and --duration are for sounds")
    }
    var request = PictureDreamRequest(pictures: files, model: model)
    request.goals = goal.goals(seeds: picture.seeds)
    request.settings = try picture.settings(steps, frames: 1)
    (request.makesFilms, request.sound, request.keepsArrays) = (film, sound, arrays)
    return request
  }

  func dreamUponPictures(_ model: String) throws {
    let job = try PictureDreamJob(try request(model), in: listening.network.workspace)
    let made = try WholeFile.makeFolder(output)
    defer { WholeFile.removeEmptyFolders(made) }
    var report = PictureDreamReport(
      FolderStore(output), ReportHeader(title: job.title, model: job.eye.name, request: Arguments.asTyped),
      count: max(1, files.count), films: job.films)
    let progress = Progress("dream")
    var failed = false
    try job.run(control: progress.control) { event in
      switch event {
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

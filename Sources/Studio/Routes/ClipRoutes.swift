import Audio
import Files
import Glibc
import HTTPTypes
import Hummingbird
import Jobs
import Models
import Tensors

extension Studio {
  /// Sounds that visitors bring, and what they look and sound like.
  func addClipRoutes(to api: StudioRoutes) {
    api.get("clips") { [self] _, _ in Response.json(["clips": try store.clips()]) }
    api.post("clips") { [self] request, _ in try await receiveClip(request) }
    api.post("examples/:name") { [self] _, context in
      let name = try context.part("name")
      guard examples.contains(name) else { throw StudioFailure.notFound("such example") }
      return try await queue.run { [self] _ in
        try keepClip(at: BundledData.soundPath(name), named: name, copies: true).response
      }
    }
    api.get("clips/:id") { [self] _, context in Response.json(try store.clip(try context.part("id"))) }
    api.delete("clips/:id") { [self] _, context in
      let clip = try store.clip(try context.part("id"))
      if let content = try store.removeClip(clip.id) { unlink(store.path("clips", content)) }
      heard.forget(prefix: clip.id)
      edits.forget(prefix: clip.id)
      replies.forget(prefix: "/api/v1/clips/\(clip.id)")
      return Response.nothing
    }
    api.get("clips/:id/audio") { [self] request, context in
      let stored = try store.clip(try context.part("id"))
      return try await answer(request, version: "") { [self] _ in
        .wav(try wavBytes(of: played(read(stored).recording)))
      }
    }
    api.get("clips/:id/spectrogram") { [self] request, context in
      let stored = try store.clip(try context.part("id"))
      let (model, view) = (modelID(request), try request.choice("view", SoundView.self) ?? .network)
      return try await answer(request, version: try version(ofModel: model)) { [self] _ in
        let grid = try heard(stored, by: model).grid(view)
        var pack = Pack()
        pack.add("picture", grid.values)
        return try pack.reply(GridRecord(grid, view))
      }
    }
    api.get("clips/:id/scores") { [self] request, context in
      let stored = try store.clip(try context.part("id"))
      let (model, top) = (modelID(request), try request.count("top", in: 1...1000) ?? 8)
      return try await answer(request, version: try version(ofModel: model)) { [self] _ in
        try .json(heard(stored, by: model).scores(top: top))
      }
    }
  }

  // MARK: - Keeping sounds

  private func receiveClip(_ request: Request) async throws -> Response {
    let name = shownName(request, or: "sound")
    let start = try request.number("start", in: 0...1e7) ?? 0
    let duration = try request.number("duration", in: 0.001...1e7)
    let path = try await file(of: request, named: name, limit: settings.limits.uploadBytes)
    defer { unlink(path) }
    return try await queue.run { [self] _ in
      try keepClip(at: path, named: name, start: start, duration: duration, copies: false).response
    }
  }

  struct KeptClip: Sendable {
    let clip: StoredClip
    let isNew: Bool

    var response: Response { .json(clip, status: isNew ? .created : .ok) }
  }

  /// Keeps the beginning, or another part, of a sound file as a clip.
  ///
  /// - Parameters:
  ///   - copies: leaves the file where it is.
  /// - Throws: `StudioFailure` for what is no sound.
  func keepClip(
    at path: String, named name: String, start: Double = 0, duration: Double? = nil, parent: String? = nil,
    copies: Bool
  ) throws -> KeptClip {
    do {
      let content = try ContentHash(ofFileAt: path).digits
      let part = start == 0 && duration == nil ? "" : "-" + Self.hash("\(start)+\(duration ?? 0)")
      if let known = try? store.clip(content + part) { return KeptClip(clip: known, isNew: false) }
      let facts = try Recording.probe(path)
      // Many channels at a high rate are a lot of memory even for a short time.
      let most = min(
        settings.limits.clipSeconds,
        Double(settings.limits.clipSamples / max(1, facts.channels * facts.sampleRate)))
      let wanted = min(duration ?? most, most)
      let recording = try Recording.read(path, from: start, duration: wanted)
      var notes = recording.flaws.map { "\($0)." }
      let whole = facts.duration ?? recording.duration
      if duration.map({ $0 > most }) ?? (whole - start > most + 0.05) {
        notes.append(
          "This is a part of \(NumberText.rounded(most, digits: 4)) s of a longer sound, from "
            + "\(NumberText.rounded(start, digits: 6)) s on.")
      }
      let stored = StoredClip(
        id: content + part, name: name, seconds: recording.duration, rate: recording.sampleRate,
        channels: recording.channels.count, added: StudioStore.now(), notes: notes, parent: parent,
        content: content,
        start: start, duration: wanted)
      let target = store.path("clips", content)
      if !WholeFile.exists(target) {
        if copies {
          try WholeFile.write(WholeFile.read(path), to: target)
        } else {
          guard rename(path, target) == 0 else {
            throw StudioFailure(.diskFull, "\(name) cannot be kept: \(String(cString: strerror(errno)))")
          }
        }
      }
      let isNew = try store.add(stored)
      return KeptClip(clip: try store.clip(stored.id), isNew: isNew)
    } catch {
      throw StudioFailure(error, about: (path, name))
    }
  }

  /// What a browser plays: two channels at most, 48 kHz at most, not beyond full scale.
  func played(_ recording: Recording) throws -> Recording {
    let channels = recording.channels.count > 2 ? [recording.mono] : recording.channels
    let stereo = Recording(channels: channels, sampleRate: recording.sampleRate)
    return (recording.sampleRate > 48_000 ? try stereo.resampled(to: 48_000) : stereo)
      .scaledToFullScaleIfLouder()
  }
}

/// What is told of a picture.
struct GridRecord: Encodable {
  let view: String
  let axes: GridAxes
  let unit: String
  let low: Float
  let high: Float

  init(_ grid: SoundGrid, _ view: SoundView) {
    (self.view, axes, unit) = (view.rawValue, grid.axes, grid.unit)
    (low, high) = (grid.range.lowerBound, grid.range.upperBound)
  }
}

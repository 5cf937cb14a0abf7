import Tensors

/// The steps of a front end in their order, forwards and back.
struct PictureMaking {
  let frontEnd: FrontEnd
  let operations: [PictureOperation]

  init(_ frontEnd: FrontEnd) {
    self.frontEnd = frontEnd
    operations = PictureOperation.all(of: frontEnd)
  }

  func picture(of samples: [Float]) -> Tensor {
    let sound = prepared(samples)
    guard let analysis = frontEnd.analysis else { return finished(placed(sound)) }
    return finished(FrameAnalysis(analysis, of: frontEnd).bands(of: sound))
  }

  func magnitudes(of samples: [Float]) -> Tensor {
    let sound = prepared(samples)
    guard let analysis = frontEnd.analysis else {
      let picture = placed(sound)
      return Tensor(picture.shape, picture.values.map { abs($0) })
    }
    return FrameAnalysis(analysis, of: frontEnd).magnitudes(of: sound)
  }

  func picture(ofMagnitudes magnitudes: Tensor) -> Tensor {
    guard let analysis = frontEnd.analysis else { return finished(magnitudes) }
    return finished(FrameAnalysis(analysis, of: frontEnd).bands(ofMagnitudes: magnitudes))
  }

  func pullback(_ gradient: Tensor, at samples: [Float]) -> Tensor {
    let sound = prepared(samples)
    guard let analysis = frontEnd.analysis else {
      let pulled = unfinished(gradient, at: placed(sound)).values
      return Tensor([samples.count], unprepared(unplaced(pulled, count: sound.count), at: samples))
    }
    let frames = FrameAnalysis(analysis, of: frontEnd)
    let pulled = operations.isEmpty ? gradient : unfinished(gradient, at: frames.bands(of: sound))
    return Tensor([samples.count], unprepared(frames.pullback(pulled, at: sound), at: samples))
  }

  func pullback(_ gradient: Tensor, atMagnitudes magnitudes: Tensor) -> Tensor {
    guard let analysis = frontEnd.analysis else { return unfinished(gradient, at: magnitudes) }
    let frames = FrameAnalysis(analysis, of: frontEnd)
    let pulled =
      operations.isEmpty ? gradient : unfinished(gradient, at: frames.bands(ofMagnitudes: magnitudes))
    return frames.pullback(pulled, atMagnitudes: magnitudes)
  }

  /// The samples after the steps on the sound, filled up to one patch where not with zeros.
  func prepared(_ samples: [Float]) -> [Float] {
    let sound = frontEnd.sound.apply(frontEnd.sound.cut(samples))
    guard let filling = frontEnd.filling(samples: sound.count) else { return sound }
    return filling.map { $0.map { sound[$0] } ?? 0 }
  }

  private func unprepared(_ gradient: [Float], at samples: [Float]) -> [Float] {
    let cut = frontEnd.sound.cut(samples)
    var sums = gradient
    if let filling = frontEnd.filling(samples: cut.count) {
      sums = [Float](repeating: 0, count: cut.count)
      for (place, index) in filling.enumerated() { if let index { sums[index] += gradient[place] } }
    }
    let known = frontEnd.sound.pullback(sums, at: cut).prefix(samples.count)
    return known + [Float](repeating: 0, count: samples.count - known.count)
  }

  /// Samples as a picture, `[samples, 1]`, with the zeros that patches need.
  func placed(_ sound: [Float]) -> Tensor {
    let count = frontEnd.frameCount(samples: sound.count)
    return Tensor(unsafeUninitialized: [count, 1]) { picture in
      picture.update(repeating: 0)
      for place in 0..<min(sound.count, count - frontEnd.leading) {
        picture[frontEnd.leading + place] = sound[place]
      }
    }
  }

  private func unplaced(_ gradient: [Float], count: Int) -> [Float] {
    (0..<count).map { place in
      let place = frontEnd.leading + place
      return place < gradient.count ? gradient[place] : 0
    }
  }

  private func finished(_ picture: Tensor) -> Tensor {
    operations.reduce(picture) { picture, operation in operation.apply(to: picture) }
  }

  /// What each operation is given for a sound.
  func inputs(of samples: [Float]) -> [Tensor] {
    let sound = prepared(samples)
    var inputs = [frontEnd.analysis.map { FrameAnalysis($0, of: frontEnd).bands(of: sound) } ?? placed(sound)]
    for operation in operations.dropLast() { inputs.append(operation.apply(to: inputs[inputs.count - 1])) }
    return inputs
  }

  private func unfinished(_ gradient: Tensor, at picture: Tensor) -> Tensor {
    var inputs = [picture]
    for operation in operations.dropLast() { inputs.append(operation.apply(to: inputs[inputs.count - 1])) }
    return zip(operations, inputs).reversed().reduce(gradient) { gradient, step in
      step.0.pullback(gradient, at: step.1)
    }
  }
}

public import Audio
public import Graphs

/// What an image network wants its colours to be, whose values are 0 to 1 here.
public enum ImageScaling: String, Sendable, Hashable, CaseIterable, Codable {
  /// Mean 0 and deviation 1 over ImageNet, channel by channel: torchvision, timm.
  case imageNet = "imagenet"
  /// `(255 x − 127) / 128`: EfficientNet-Lite.
  case efficientNetLite = "efficientnet-lite"
  /// −1 to 1: Keras' MobileNets, Inception.
  case symmetric
  /// 0 to 1.
  case unit
  /// 0 to 255: Keras' EfficientNets.
  case bytes
}

extension ONNXFile {
  /// A front end that shows this network spectrograms as pictures, of the size that its input has.
  ///
  /// librosa's mel spectrogram at 22,050 Hz in dB, 0 to 80 below the maximum as 1 to 0, in patches of 3 s, one starting
  /// every half; high frequencies on top, resized to the input, in the colours of a map or in grey. Hear and See's, but in
  /// patches.
  ///
  /// - Parameters:
  ///   - colours: nil for the same picture in all channels.
  ///   - frames: of a patch, before it is resized.
  /// - Throws: `ONNXFileError.cut` where the input is no picture of one or three channels.
  public func imageFrontEnd(
    _ scaling: ImageScaling, colours: PatchStep.ColourMap? = .magma, frames: Int = 128
  ) throws -> FrontEnd {
    let inputs = try model().graph.inputs
    let extents = (inputs.first?.dimensions ?? []).dropFirst().compactMap { dimension -> Int? in
      if case .fixed(let extent) = dimension { extent } else { nil }
    }
    guard inputs.count == 1, extents.count == 3,
      let place = [0, 2].first(where: { [1, 3].contains(extents[$0]) })
    else {
      throw ONNXFileError.cut(
        inputs.first?.name ?? "", reason: "it takes no pictures of one or three channels and a fixed size")
    }
    let channels = extents[place]
    var size = extents
    size.remove(at: place)
    var steps: [PatchStep] = []
    if channels == 3 { steps.append(colours.map { .colours(PatchStep.Colours($0)) } ?? .copies(3)) }
    steps += [.flip(.bands), .resize(frames: size[1], bands: size[0], mode: .bilinear)]
    steps += scaling.steps(channels: channels)
    let librosa = FrontEnd.librosa
    var analysis = librosa.analysis
    analysis?.compression = .decibels(floor: 1e-10, reference: .maximum, range: 80)
    return try FrontEnd(
      sampleRate: librosa.sampleRate, analysis: analysis, steps: [.affine(scale: 1 / 80, shift: 1)],
      patch: FrontEnd.Patch(frames: frames, hop: max(1, frames / 2), tail: .padToHop, steps: steps))
  }
}

extension ImageScaling {
  fileprivate func steps(channels: Int) -> [PatchStep] {
    func statistics(_ mean: Double, _ deviation: Double) -> [PatchStep] {
      [
        .channelStatistics(
          mean: [Double](repeating: mean, count: channels),
          deviation: [Double](repeating: deviation, count: channels))
      ]
    }
    switch self {
    case .imageNet:
      // Of one channel: its luminance.
      guard channels == 3 else { return statistics(0.449, 0.226) }
      return [.channelStatistics(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])]
    case .efficientNetLite: return statistics(127.0 / 255, 128.0 / 255)
    case .symmetric: return statistics(0.5, 0.5)
    case .unit: return []
    case .bytes: return statistics(0, 1.0 / 255)
    }
  }
}

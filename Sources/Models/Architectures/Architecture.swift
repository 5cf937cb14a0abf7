public import Audio
public import Graphs

/// A published network that listens, as a plan: any number of classes, weights not learnt yet.
///
/// | | input of the published one | source |
/// |---|---|---|
/// | `sb-cnn` | 128 frames x 128 bands | Salamon and Bello, 2017 |
/// | `vggish` | 96 x 64 | Hershey et al., 2017; TensorFlow Models |
/// | `fcn-4`, `music-tagger-cnn` | 1366 x 96 | Choi, Fazekas and Sandler, 2016 |
/// | `mm-cnn`, `mm-cnn-multi` | 128 x 96 | Pons et al., 2017 |
/// | `musicnn` | 187 x 96 | Pons and Serra, 2019 |
/// | `iminet-imitation`, `iminet-recording` | 482 x 39, 128 x 128 | Zhang, Pardo and Duan, 2019 |
/// | `resnet-18`, `resnet-50` | 96 x 64 | He et al., 2016, as torchvision has them |
/// | `mobilenet-v1`, `mobilenet-v2` | 96 x 64 | Howard et al., 2017; Sandler et al., 2018 |
/// | `m5` | 32,000 samples | Dai et al., 2017 |
///
/// Pictures are `[N, channels, frames, bands]`, samples `[N, 1, samples]`. Where a published layer is written with
/// frequency first, its windows are turned here.
public enum Architecture: String, Sendable, Hashable, CaseIterable, Codable {
  case sbCNN = "sb-cnn"
  case vggish
  case fcn4 = "fcn-4"
  case musicTaggerCNN = "music-tagger-cnn"
  case mmCNN = "mm-cnn"
  case mmCNNMulti = "mm-cnn-multi"
  case musicnn
  case iminetImitation = "iminet-imitation"
  case iminetRecording = "iminet-recording"
  case resNet18 = "resnet-18"
  case resNet50 = "resnet-50"
  case mobileNetV1 = "mobilenet-v1"
  case mobileNetV2 = "mobilenet-v2"
  case m5
}

extension Architecture {
  /// The network, with weights that are drawn from `seed`, ready to be trained.
  ///
  /// It ends in `probabilities` over `logits`, and carries its front end as metadata. The same seed gives the same
  /// weights; those of a layer do not depend on the other layers.
  ///
  /// - Parameters:
  ///   - frontEnd: how it listens; nil for the published way. Layers that pool over all that is left take any size.
  ///   - isMultiLabel: whether a sound may be of several classes: sigmoids rather than a softmax.
  /// - Throws: `ArchitectureError`, `ONNXFileError.tooSmall` where a patch is too short for a layer.
  public func network(
    classes: Int, frontEnd: FrontEnd? = nil, isMultiLabel: Bool = false, seed: UInt64 = 0
  ) throws -> ONNXFile {
    guard classes > (isMultiLabel ? 0 : 1) else { throw ArchitectureError.classes(classes) }
    let frontEnd = frontEnd ?? self.frontEnd
    var builder = ONNXNetworkBuilder(name: rawValue, seed: seed)
    let input =
      frontEnd.isSamples
      ? builder.input("samples", try extents(of: frontEnd))
      : builder.input("spectrogram", try extents(of: frontEnd))
    let logits = try addLayers(to: &builder, input, classes: classes)
    let probabilities =
      isMultiLabel ? builder.sigmoid(logits, "probabilities") : builder.softmax(logits, "probabilities")
    var file = builder.file(ending: probabilities)
    file.metadata["otoscope.front_end"] = try frontEnd.json()
    if !frontEnd.isSamples { file.metadata["otoscope.axes"] = ModelDescription.Axes.framesBands.rawValue }
    return file
  }

  /// The layers from the input to the logits.
  func addLayers(
    to builder: inout ONNXNetworkBuilder, _ x: ONNXNetworkBuilder.Value, classes: Int
  ) throws -> ONNXNetworkBuilder.Value {
    switch self {
    case .sbCNN: try builder.addSBCNN(x, classes: classes)
    case .vggish: try builder.addVGGish(x, classes: classes)
    case .fcn4: try builder.addFCN4(x, classes: classes)
    case .musicTaggerCNN: try builder.addMusicTaggerCNN(x, classes: classes)
    case .mmCNN: try builder.addMMCNN(x, classes: classes, isMultiLayer: false)
    case .mmCNNMulti: try builder.addMMCNN(x, classes: classes, isMultiLayer: true)
    case .musicnn: try builder.addMusicnn(x, classes: classes)
    case .iminetImitation: try builder.addImitationTower(x, classes: classes)
    case .iminetRecording: try builder.addRecordingTower(x, classes: classes)
    case .resNet18: try builder.addResNet(x, classes: classes, .eighteen)
    case .resNet50: try builder.addResNet(x, classes: classes, .fifty)
    case .mobileNetV1: try builder.addMobileNetV1(x, classes: classes)
    case .mobileNetV2: try builder.addMobileNetV2(x, classes: classes)
    case .m5: try builder.addM5(x, classes: classes)
    }
  }

  /// What the front end gives for a patch, as the network takes it.
  private func extents(of frontEnd: FrontEnd) throws(ArchitectureError) -> [Int] {
    guard frontEnd.isSamples == (self == .m5) else {
      throw .wrongInput(rawValue, takesSamples: self == .m5)
    }
    guard frontEnd.sound.channels != .all else { throw .channels }
    let channels = frontEnd.pictureCount
    let made = frontEnd.patchExtents(channels: channels)
    if frontEnd.patch.isFree {
      let longer = frontEnd.patchExtents(frames: frontEnd.patch.frames + 8, channels: channels)
      guard made.frames == longer.frames else { throw .noPatchLength }
    }
    return frontEnd.isSamples ? [made.channels, made.frames] : [made.channels, made.frames, made.bands]
  }
}

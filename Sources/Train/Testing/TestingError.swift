public import Files

/// What can keep a model from being tested.
public enum TestingError: RemediableError, Hashable {
  /// No label of the model is a class of the data set.
  case noCommonClass(model: String, labels: [String], data: String, classes: [String])
  /// The model does not name its classes, and has not as many as the data set.
  case unnamedClasses(model: String, count: Int, data: String, classes: [String])
  /// The chosen side of the split has no clips.
  case nothingToTest(data: String, side: String)
  /// No clip can be read.
  case nothingReadable(data: String, count: Int, first: String)
  /// The model has no picture whose parts could be taken away.
  case noPicture(model: String)
  /// The model hears several channels, each with its own picture.
  case severalChannels(model: String, count: Int)

  public var isMisuse: Bool {
    switch self {
    case .noCommonClass, .unnamedClasses, .noPicture, .severalChannels: true
    case .nothingToTest, .nothingReadable: false
    }
  }

  public var description: String {
    switch self {
    case .noCommonClass(let model, let labels, let data, let classes):
      "\(model) names none of the classes of \(data). Its labels: \(Self.list(labels)). The data set's classes: "
        + "\(Self.list(classes)). Rename the data set's classes, or the labels in the model's description"
    case .unnamedClasses(let model, let count, let data, let classes):
      "\(model) has \(count) classes without names, and \(data) has \(classes.count) (\(Self.list(classes))): put the "
        + "labels into the model's description"
    case .nothingToTest(let data, let side):
      "\(data) has no clips on the \(side) side; choose another side or another split"
    case .nothingReadable(let data, let count, let first):
      "none of the \(count) clips of \(data) can be read; the first: \(first)"
    case .noPicture(let model):
      "\(model) listens to samples and has no picture whose bands could be taken away, so shortcuts cannot be "
        + "looked for. They lie in the data: train a network that takes pictures, such as sb-cnn, on the same clips and look "
        + "there; 'otoscope explain --domain stft' shows the bands of single clips"
    case .severalChannels(let model, let count):
      "\(model) hears \(count) channels, and shortcuts are looked for in one. They lie in the data: train a network that "
        + "hears one channel, such as sb-cnn, on the same clips and look there"
    }
  }

  /// The first of them, and how many more there are.
  private static func list(_ names: [String]) -> String {
    let most = 20
    guard !names.isEmpty else { return "none" }
    let more = names.count > most ? " and \(names.count - most) more" : ""
    return names.prefix(most).joined(separator: ", ") + more
  }
}

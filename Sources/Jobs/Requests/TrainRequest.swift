package import Models
package import Train

/// How a network is made from labelled sounds.
package struct TrainRequest: Codable, Sendable, Hashable {
  package var data: DataChoice
  package var beginning: Beginning
  /// The file to write; the checkpoint, the table of epochs and the event file lie beside it.
  package var output: String
  package var plan = TrainingPlan()
  package var variant = Variant.baseline
  /// The length that variants pad clips to, in seconds.
  package var paddedSeconds = 4.0
  package var augmentations: [SoundAugmentation] = []
  package var augmentation = PictureAugmentation()
  /// The largest random gain of a picture, in decibels.
  package var gain = 0.0
  /// A table of regions in which the evidence lies; see `AttentionRegions`.
  package var regions: String?
  /// A patch of networks that take any length, in seconds; nil for the longest clip, up to 10 s.
  package var patch: Double?
  /// Whether pictures are brought to a mean of 0 and a deviation of 1 in each band, over the training side; nil for where
  /// the published front end does not do the like.
  package var scalesInput: Bool?
  /// The folder of computed pictures.
  package var cache: String
  /// Whether a checkpoint that is there is thrown away.
  package var startsAnew = false
  /// Whether a file that this very training has written is left as it is.
  package var reusesFinished = false

  package init(_ data: DataChoice, _ beginning: Beginning, output: String, cache: String) {
    (self.data, self.beginning, self.output, self.cache) = (data, beginning, output, cache)
  }

  /// Where the first weights come from.
  package enum Beginning: Codable, Sendable, Hashable {
    case architecture(Architecture, frontEnd: String?)
    /// A trained network: as it is, where its labels are the data set's classes, else with a new head.
    case model(ModelChoice, Transfer)
  }

  package struct Transfer: Codable, Sendable, Hashable {
    /// The tensor behind which the new head stands; nil for what the last dense layer reads.
    package var cut: String?
    package var hidden: Int?
    package var dropout = 0.0
    /// Whether everything but the new head stays as it is.
    package var freezesTrunk = false
    /// Whether a head is made anew even where the labels fit.
    package var replacesHead = false
    /// For a network of photographs that is to see spectrograms; nil for one that listens.
    package var imageScaling: ImageScaling?

    package init() {}
  }
}

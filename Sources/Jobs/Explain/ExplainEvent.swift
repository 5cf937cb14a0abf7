package import Audio
package import Explain
package import Files
package import Graphs
package import Reports

/// What an explanation of sounds tells, one by one.
package enum ExplainEvent: Sendable {
  /// `recommended` was among the methods.
  case recommended(Recommendation)
  /// What should be known of the model's scores, and what can be done.
  case remark(String, Remedy)
  /// Nobody named the embedding; this tensor is used.
  case defaultEmbedding(TensorName)
  /// A method that cannot explain this model is passed over.
  case skipped(AttributionMethod, any Error)
  /// What was passed over in a folder, one sentence.
  case passedOver(String)
  /// What is wrong with a sound that is read all the same.
  case flawed(sound: String, [Flaw])
  /// A sound cannot be explained; the others are.
  case failed(sound: String, any Error)
  case explained(SoundResult)
  /// Behind the last sound, where averages are wanted.
  case averaged(ClassAverages)
}

/// What was found in one sound.
package struct SoundResult: Sendable {
  /// Among the sounds of the request.
  package let number: Int
  /// As the user named it.
  package let path: String
  /// nil for what is no file.
  package let identity: FileIdentity?
  /// nil where only averages are wanted.
  package let sound: ExplainedSound?
  package let contributions: [ClassAverages.Contribution]

  package init(
    number: Int, path: String, identity: FileIdentity?, sound: ExplainedSound?,
    contributions: [ClassAverages.Contribution]
  ) {
    (self.number, self.path, self.identity) = (number, path, identity)
    (self.sound, self.contributions) = (sound, contributions)
  }
}

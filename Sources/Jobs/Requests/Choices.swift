package import Audio
package import Explain
package import Graphs
package import Models

/// Which model a request is about.
package struct ModelChoice: Codable, Sendable, Hashable {
  /// A bundled name, or the path of an ONNX file.
  package var name: String
  /// A preset or a JSON file, instead of what the model says.
  package var frontEnd: String?
  /// The output that holds the classes, instead of what the model says.
  package var output: TensorName?
  /// How the output becomes probabilities, instead of what the model says.
  package var activation: ModelDescription.Activation?
  /// How sounds are cut into patches, instead of as the model says.
  package var cutting: Cutting?

  package init(_ name: String, frontEnd: String? = nil) { (self.name, self.frontEnd) = (name, frontEnd) }

  /// What the user says of the model.
  ///
  /// - Throws: `AudioError`, `FileError`, `ModelError` for a front end that cannot be understood.
  func told() throws -> ModelDescription {
    var told = ModelDescription()
    told.frontEnd = try frontEnd.map { try .init(described: $0) }
    told.activation = activation
    told.cutting = cutting
    told.output = output.map { .init(tensor: $0) }
    return told
  }
}

/// Which part of each sound is meant, in seconds.
package struct Stretch: Codable, Sendable, Hashable {
  package var start: Double
  /// nil for all that follows.
  package var duration: Double?
  /// Which channel is listened to.
  package var channel: Channel

  package init(start: Double = 0, duration: Double? = nil, channel: Channel = .mix) {
    (self.start, self.duration, self.channel) = (start, duration, channel)
  }
}

/// A comparison of embeddings with another sound's, instead of a question about classes.
package struct EmbeddingChoice: Codable, Sendable, Hashable {
  package var kind: EmbeddingQuestion.Kind
  /// The path of the other sound.
  package var sound: String
  /// The tensor that is the embedding; nil for what the last linear layer reads.
  package var tensor: String?

  package init(_ kind: EmbeddingQuestion.Kind, sound: String, tensor: String? = nil) {
    (self.kind, self.sound, self.tensor) = (kind, sound, tensor)
  }
}

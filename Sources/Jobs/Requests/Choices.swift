package import Audio
package import Explain

/// Which model a request is about.
package struct ModelChoice: Codable, Sendable, Hashable {
  /// A bundled name, or the path of an ONNX file.
  package var name: String
  /// A preset or a JSON file, instead of what the model says.
  package var frontEnd: String?

  package init(_ name: String, frontEnd: String? = nil) { (self.name, self.frontEnd) = (name, frontEnd) }
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

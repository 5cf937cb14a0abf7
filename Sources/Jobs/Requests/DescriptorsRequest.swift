/// What sounds are like, in numbers.
package struct DescriptorsRequest: Codable, Sendable, Hashable {
  /// Files and folders.
  package var sounds: [String]
  package var part = Stretch()
  /// Whether values over frames are wanted, too.
  package var keepsFrames = false

  package init(sounds: [String]) { self.sounds = sounds }
}

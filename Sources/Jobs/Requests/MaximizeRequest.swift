package import Graphs
package import Probe

/// The inputs that excite classes or units of a network most.
package struct MaximizeRequest: Codable, Sendable, Hashable {
  package var model: ModelChoice
  /// Labels or numbers, each also several with commas between.
  package var targets: [String] = []
  /// In place of classes.
  package var layer: TensorName?
  /// Of the layer; nil for the layer as a whole.
  package var channels: ChannelChoice?
  /// Whether only the place of a channel in the middle is excited.
  package var isCentred = false
  package var start = Start.noise
  package var part = Stretch()
  /// How long the sounds are; nil for a patch.
  package var seconds: Double?
  package var settings = MaximizationSettings()
  package var makesFilms = false
  /// Whether units become sounds; nil where there are few.
  package var makesSounds: Bool?
  /// Whether the network's inputs are arrays whatever the model says, and there is no sound.
  package var takesArrays = false
  /// Of such inputs, where the file leaves them open.
  package var shapes: [TensorName: [Int]] = [:]

  package enum Start: Codable, Sendable, Hashable {
    case noise, silence
    /// The path of a sound.
    case sound(String)
  }

  package init(model: ModelChoice) { self.model = model }
}

/// Channels of a layer: `all`, or numbers and ranges with commas between, `0-7,12`.
package struct ChannelChoice: Codable, Sendable, Hashable, CustomStringConvertible {
  /// nil for all.
  package let ranges: [ClosedRange<Int>]?

  /// nil where the text is none.
  package init?(_ text: String) {
    guard text != "all" else {
      ranges = nil
      return
    }
    var found: [ClosedRange<Int>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, (1...2).contains(ends.count),
        first >= 0,
        first <= last
      else { return nil }
      found.append(first...last)
    }
    ranges = found
  }

  /// Of a layer with so many; each once, in the order they were named.
  ///
  /// - Throws: `ProbeError.noChannel`.
  package func indices(of tensor: TensorName, channels: Int) throws -> [Int] {
    guard let ranges else { return Array(0..<channels) }
    var indices: [Int] = []
    var known: Set<Int> = []
    for range in ranges {
      guard range.upperBound < channels else {
        throw ProbeError.noChannel(range.upperBound, of: tensor, channels: channels)
      }
      for index in range where known.insert(index).inserted { indices.append(index) }
    }
    return indices
  }

  package var description: String {
    guard let ranges else { return "all" }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }
}

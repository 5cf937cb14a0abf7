import Explain
import Graphs
package import Models
package import Probe

/// What `DreamGoals` mean to an image network, checked, with words for captions.
package struct ResolvedWishes: Sendable {
  package let wishes: [WeightedWish]
  package let words: String
  /// Short, for the names of files: "noise" dreams are called after it.
  package let name: String

  /// - Throws: `ModelError.unknownLabel`, `.noSuchClass`; `ProbeError.noLayer`, `.noChannel`; `PictureError` of the guide;
  ///   what keeps the seed book from being read.
  package init(_ goals: DreamGoals, _ eye: ImageModel) throws {
    let layers = eye.dreamLayers()
    func checked(_ name: TensorName) throws -> DreamLayer {
      if let layer = layers.first(where: { $0.tensor == name }) { return layer }
      throw ProbeError.noLayer(name, layers: layers.map(\.tensor))
    }
    if !goals.targets.isEmpty {
      let found = try Self.classes(goals.targets, eye, seeds: goals.seeds)
      (wishes, words, name) = (found.wishes, found.words, goals.targets.joined(separator: "-"))
      return
    }
    let named = try goals.layers.isEmpty ? [try eye.usualLayer()] : goals.layers.map(checked)
    if let guide = goals.guide {
      let picture = try RGBPicture(contentsOf: guide).fitting(SeedBook.mostPixels)
      wishes = Self.weighted(named.map { .likeness($0.tensor, to: picture) }, goals.weights)
      words = "\(named.map(\.tensor).joined(separator: ", ")) like that of \(nameOf(guide))"
      name = "guided"
    } else if let channels = goals.channels, let layer = named.first {
      let indices = try channels.indices(of: layer.tensor, channels: layer.channels)
      wishes = [WeightedWish(.channels(layer.tensor, indices), weight: 1)]
      (words, name) = ("channel \(channels) of \(layer.tensor)", "\(layer.tensor)-\(channels)")
    } else {
      wishes = Self.weighted(named.map { .layer($0.tensor) }, goals.weights)
      words = named.map(\.tensor).joined(separator: ", ")
      name = words
    }
  }

  private static func weighted(_ wishes: [DreamWish], _ weights: [Float]) -> [WeightedWish] {
    wishes.enumerated().map { place, wish in
      WeightedWish(wish, weight: weights.indices.contains(place) ? weights[place] : 1)
    }
  }

  /// Classes of the network itself; what is none of those is looked up in the seed book.
  private static func classes(_ names: [String], _ eye: ImageModel, seeds: String?) throws
    -> (wishes: [WeightedWish], words: String)
  {
    var indices: [Int] = []
    var wishes: [WeightedWish] = []
    var words: [String] = []
    var book: SeedBook?
    for name in names {
      if let index = try classIndex(name, eye) {
        indices.append(index)
        words.append(eye.label(index))
        continue
      }
      let known = try book ?? SeedBook(folder: seeds)
      book = known
      let sight = known.sight(of: name, eye: eye, layer: try eye.usualLayer().tensor)
      if case .channel = sight.origin {
        throw ModelError.unknownLabel(name, nearest: nearest(to: name, among: eye.labels))
      }
      wishes += sight.wishes
      words.append("\(name) (\(sight.words))")
    }
    if !indices.isEmpty { wishes.append(WeightedWish(.classes(indices), weight: 1)) }
    return (wishes, words.joined(separator: ", "))
  }

  /// By number or label, whatever its case; nil where the network has no such label.
  static func classIndex(_ name: String, _ eye: ImageModel) throws -> Int? {
    if let index = Int(name) {
      guard (0..<eye.classCount).contains(index) else {
        throw ModelError.noSuchClass(index, classes: eye.classCount)
      }
      return index
    }
    return eye.labels.firstIndex(of: name)
      ?? eye.labels.firstIndex { $0.lowercased() == name.lowercased() }
  }
}

private func nameOf(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

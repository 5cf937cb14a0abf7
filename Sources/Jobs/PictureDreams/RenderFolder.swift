import Audio
import Files
import Models
import Reports
import Tensors

/// The folder that `dream render` fills: `NAME/0001.png` … for each class, its films beside, and `render.json`, which tells how.
///
/// Files are whole or not there. What is there is not made again; a folder that was made otherwise is refused.
struct RenderFolder {
  let path: String

  private static let list = "render.json"

  init(_ path: String) { self.path = path }

  /// What was asked when the folder was begun, and of which class each of its folders is.
  struct Description: Codable, Equatable {
    var model: String
    /// A fingerprint of the model's file.
    var modelHash: String
    var frames: Int
    var width: Int
    var height: Int
    var octaves: Int
    var scale: Double
    var steps: Int
    var step: Float
    var jitter: Int
    var totalVariation: Float
    var zoom: Int
    var rate: Int
    var seed: UInt64
    var startsWithPicture: Bool
    /// What the dream of each class goes towards, by the name of its folder.
    var classes: [String: Class]

    struct Class: Codable, Equatable {
      var label: String
      var words: String
      /// A fingerprint of its wishes, pictures among them.
      var wishes: String
    }

    private enum CodingKeys: String, CodingKey {
      case model, frames, width, height, octaves, scale, steps, step, jitter, zoom, rate, seed, classes
      case modelHash = "model_hash"
      case totalVariation = "tv"
      case startsWithPicture = "from_pictures"
    }

    /// The settings by the names that a user knows them by.
    private var settings: [(name: String, value: String)] {
      [
        ("the model", model), ("the model's file", modelHash), ("--frames", "\(frames)"),
        ("the size", "\(width) x \(height)"), ("--octaves", "\(octaves)"), ("--scale", "\(scale)"),
        ("--steps", "\(steps)"), ("--step", "\(step)"), ("--jitter", "\(jitter)"),
        ("--tv", "\(totalVariation)"),
        ("--zoom", "\(zoom)"), ("--rate", "\(rate)"), ("--seed", "\(seed)"),
        ("--from-pictures", startsWithPicture ? "given" : "not given"),
      ]
    }

    /// The first thing in which `other` differs, in words; nil where both can share a folder.
    func difference(from other: Description) -> String? {
      for (mine, theirs) in zip(settings, other.settings) where mine.value != theirs.value {
        return "\(mine.name): \(mine.value) there, \(theirs.value) here"
      }
      for (folder, mine) in classes.sorted(by: { $0.key < $1.key }) {
        if let theirs = other.classes[folder], theirs != mine {
          return
            "'\(mine.label)' goes towards \(mine.words) there, and towards \(theirs.words) here, or its picture differs"
        }
      }
      return nil
    }
  }

  /// The right to fill the folder.
  ///
  /// - Throws: `RenderError.inUse`, `FileError`.
  func lock() throws -> ProcessLock {
    do throws(ProcessLock.Failure) {
      return try ProcessLock(at: Folder.path(to: ".otoscope.lock", in: path))
    } catch {
      switch error {
      case .held(let holder): throw RenderError.inUse(folder: path, by: holder)
      case .system: throw FileError.unwritable(path: path, reason: "its lock cannot be made")
      }
    }
  }

  /// Writes what is asked, with what was there before; only under the lock.
  ///
  /// - Throws: `RenderError.otherSettings`, `.badList`; `FileError`.
  func describe(_ wanted: Description) throws {
    let place = Folder.path(to: Self.list, in: path)
    var whole = wanted
    if WholeFile.exists(place) {
      let bytes = try WholeFile.read(place, limit: 64 << 20)
      guard let present = try? RecordCoding.read(Description.self, from: bytes) else {
        throw RenderError.badList(path: place)
      }
      if let difference = present.difference(from: wanted) {
        throw RenderError.otherSettings(folder: path, difference: difference)
      }
      whole.classes.merge(present.classes) { wanted, _ in wanted }
      guard whole != present else { return }
    }
    try WholeFile.write(try RecordCoding.file(whole), to: place)
  }

  func frame(_ number: Int, of folder: String) -> String {
    let digits = String(number + 1)
    return "\(folder)/\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits).png"
  }

  func film(_ form: FilmForm, of folder: String) -> String { "\(folder).\(form.rawValue)" }

  func place(of name: String) -> String { Folder.path(to: name, in: path) }

  /// How many frames from the first on are there, whole and of that size.
  func count(of folder: String, most: Int, width: Int, height: Int) -> Int {
    var count = 0
    while count < most, WholeFile.exists(place(of: frame(count, of: folder))) { count += 1 }
    // What a full disk or another program left is made again.
    while count > 0 {
      if let last = try? RGBPicture(contentsOf: place(of: frame(count - 1, of: folder))), last.width == width,
        last.height == height
      {
        break
      }
      count -= 1
    }
    return count
  }
}

/// What can keep sequences from being rendered.
package enum RenderError: Error, Equatable, CustomStringConvertible {
  case otherSettings(folder: String, difference: String)
  case inUse(folder: String, by: Int?)
  case badList(path: String)
  /// Two classes whose folders would have one name.
  case sameName(String, String)
  /// A word that names no class.
  case noClass(String)

  package var description: String {
    switch self {
    case .otherSettings(let folder, let difference):
      "\(PathText.shown(folder)): was begun with other settings: \(difference); name another folder, or the same settings"
    case .inUse(let folder, let holder):
      "\(PathText.shown(folder)): another run is filling it" + (holder.map { " (process \($0))" } ?? "")
    case .badList(let path):
      "\(PathText.shown(path)): cannot be read as the list of a rendered folder; name another folder"
    case .sameName(let first, let second):
      "'\(first.onOneLine)' and '\(second.onOneLine)' would share a folder; render one of them elsewhere"
    case .noClass(let text): "'\(text.onOneLine)' names no class; give labels with commas between"
    }
  }
}

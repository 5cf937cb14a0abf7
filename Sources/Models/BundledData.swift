public import Files
import Glibc

/// The models, sounds and pictures that come with Otoscope: in the checkout's `Data`, or installed under
/// `PREFIX/share/otoscope`.
public enum BundledData {
  /// The folder, found from where the running binary lies; `OTOSCOPE_DATA` names another.
  public static let folder: String? = {
    if let named = getenv("OTOSCOPE_DATA") { return String(cString: named) }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/exe", &buffer, buffer.count)
    guard length > 0 else { return nil }
    var place = buffer.prefix(length).map { UInt8(bitPattern: $0) }.split(separator: UInt8(ascii: "/"))
      .map { String(decoding: $0, as: UTF8.self) }
    while !place.isEmpty {
      place.removeLast()
      let above = "/" + place.joined(separator: "/")
      for candidate in ["\(above)/share/otoscope", "\(above)/Data"] where isData(candidate) {
        return candidate
      }
    }
    return nil
  }()

  /// The names by which bundled models that listen go.
  public static let modelNames = ["yamnet"]

  /// The names by which bundled models that look at pictures go.
  public static let imageModelNames = ["efficientnet-lite0"]

  /// The file that `name` means: a bundled model, or a path.
  ///
  /// - Throws: `ModelError.unknownModel`.
  public static func modelPath(_ name: String) throws(ModelError) -> String {
    let bundled = modelNames + imageModelNames
    if bundled.contains(name), let folder { return "\(folder)/models/\(name).onnx" }
    guard WholeFile.exists(name) else { throw .unknownModel(name, bundled: bundled) }
    return name
  }

  /// The folder of pictures of sound classes, with `seeds.json`; nil where the data are not found.
  package static var seedFolder: String? { folder.map { "\($0)/seeds" } }

  /// A bundled sound.
  public static func soundPath(_ name: String) throws(FileError) -> String {
    guard let folder else { throw .notFound(path: "Data/sounds/\(name)") }
    return "\(folder)/sounds/\(name)"
  }

  private static func isData(_ folder: String) -> Bool { WholeFile.exists("\(folder)/models/yamnet.onnx") }
}

public import Files

/// What can go wrong between a picture's file and its colours.
///
/// Every message is one line: what, where, and what to do about it.
public enum PictureError: Error, Equatable, CustomStringConvertible {
  case file(FileError)
  /// The file has no bytes at all.
  case empty(path: String)
  /// The first bytes are not those of a picture that can be read.
  case notPicture(path: String)
  case undecodable(path: String, format: String, reason: String)
  /// A library that reads pictures is missing.
  case noLibrary(reason: String)

  public var description: String {
    switch self {
    case .file(let error): error.description
    case .empty(let path):
      "\(PathText.shown(path)): is empty (0 bytes); was it copied completely?"
    case .notPicture(let path):
      "\(PathText.shown(path)): is not a picture that can be read; give a PNG, JPEG, WebP, GIF, BMP or TIFF file"
    case .undecodable(let path, let format, let reason):
      "\(PathText.shown(path)): this \(format) picture cannot be decoded: \(reason); it is damaged, or has more than "
        + "\(DecodedPicture.mostPixels / 1_000_000) million pixels; save it again as PNG or JPEG, smaller"
    case .noLibrary(let reason):
      "FFmpeg, which reads pictures, cannot be loaded: \(reason); install Debian's libavcodec and libswscale"
    }
  }
}

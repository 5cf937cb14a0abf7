import Glibc

/// The folders of the user, as the XDG Base Directory Specification names them.
public enum UserFolder {
  /// Where a program keeps what the user would miss: `$XDG_DATA_HOME/name`, else `~/.local/share/name`.
  ///
  /// nil without `HOME`. Variables that hold a relative path are ignored, as the specification has it.
  public static func data(_ name: String) -> String? {
    path(to: name, in: "XDG_DATA_HOME", or: ".local/share")
  }

  /// Where a program keeps what it can compute again: `$XDG_CACHE_HOME/name`, else `~/.cache/name`.
  ///
  /// nil without `HOME`, as for `data(_:)`.
  public static func cache(_ name: String) -> String? { path(to: name, in: "XDG_CACHE_HOME", or: ".cache") }

  /// - Parameter environment: what a variable holds; nil where it is not set.
  package static func path(
    to name: String, in variable: String, or usual: String,
    environment: (String) -> String? = { getenv($0).map { PathText.text(at: $0) } }
  ) -> String? {
    func folder(_ variable: String) -> String? {
      environment(variable).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    let base = folder(variable) ?? folder("HOME").map { Folder.path(to: usual, in: $0) }
    return base.map { Folder.path(to: name, in: $0) }
  }
}

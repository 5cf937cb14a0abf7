import Files

/// What can keep a request to explain from being carried out.
package enum ExplainRequestError: RemediableError {
  /// A stem that is not as long as the sound that it is a part of.
  case stem(path: String, seconds: Double, sound: Double)
  /// A method, named one by one, that explains none of the domains.
  case domains(any Error)

  package var isMisuse: Bool {
    switch self {
    case .domains: true
    case .stem: false
    }
  }

  package var description: String {
    switch self {
    case .stem(let path, let seconds, let sound):
      "\(path): lasts \(Float(seconds)) s, and the sound it is to be a part of \(Float(sound)) s: give "
        + "stems as long as the sound"
    case .domains(let error): "\(error)"
    }
  }
}

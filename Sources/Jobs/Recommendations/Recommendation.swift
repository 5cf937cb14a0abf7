package import Explain

/// Which method an evaluation recommends for a model, and what that rests on.
package struct Recommendation: Codable, Sendable, Hashable {
  package let otoscope: String?
  package let model: String?
  package let date: String?
  /// nil where every method failed a check.
  package let method: String?
  /// In a sentence.
  package let recommendation: String?
  /// nil in files of older versions.
  package let foundation: Foundation?

  package init(
    otoscope: String?, model: String?, date: String?, method: String?, recommendation: String?,
    foundation: Foundation?
  ) {
    (self.otoscope, self.model, self.date) = (otoscope, model, date)
    (self.method, self.recommendation, self.foundation) = (method, recommendation, foundation)
  }

  package var restsOn: Foundation { foundation ?? Foundation() }

  /// "occlusion, which rests on 40 clips and 12 mixtures".
  package var sentence: String {
    let weak = restsOn.isWeak ? "; this is weak: evaluate \(Foundation.fewestClips) clips or more" : ""
    return "\(method ?? "no method"), which rests on \(restsOn.counts)\(weak)"
  }
}

package import Explain

/// How the files of a report are called.
package enum FileNames {
  /// Labels as parts of file names: lower case, hyphens, no two alike.
  package static func slugs(of questions: [Question]) -> [Question: String] {
    var slugs: [Question: String] = [:]
    for (place, question) in questions.enumerated() {
      let slug = slug(of: question.label, orElse: "")
      let isUsable = !slug.isEmpty && !slugs.values.contains(slug)
      var number = place
      if case .target(let target) = question { number = target.index }
      slugs[question] = isUsable ? slug : "\(slug.isEmpty ? "class" : slug)-\(number)"
    }
    return slugs
  }

  /// A text as part of a file's name: lower case, hyphens, up to 48 characters; `other` where nothing is left.
  package static func slug(of text: String, orElse other: String) -> String {
    let parts = text.lowercased().split { !($0.isLetter || $0.isNumber) || !$0.isASCII }
    let slug = String(parts.joined(separator: "-").prefix(48))
    return slug.isEmpty ? other : slug
  }
}

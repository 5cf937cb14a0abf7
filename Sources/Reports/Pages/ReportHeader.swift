package import Figures

/// What a report says of the run that made it.
package struct ReportHeader: Sendable {
  package let title: String
  package let model: String
  /// The request as the user made it.
  package let request: String
  package let date: String

  /// `request` on a page: a request may name thousands of sounds, and the record has it whole.
  package var shortRequest: String {
    request.count > 1200 ? request.prefix(1200) + " …" : request
  }

  package init(title: String, model: String, request: String, date: String = Product.date()) {
    (self.title, self.model, self.request, self.date) = (title, model, request, date)
  }

  /// The top of a page.
  ///
  /// - Parameter lead: what the page shows and how to read it, a paragraph each.
  package func page(_ lead: [String]) -> PageHeader {
    PageHeader(
      title: title, model: model, commandLine: shortRequest, version: Product.version, date: date, lead: lead)
  }
}

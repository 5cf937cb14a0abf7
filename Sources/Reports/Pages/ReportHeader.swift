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
}

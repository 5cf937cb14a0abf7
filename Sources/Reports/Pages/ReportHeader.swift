/// What a report says of the run that made it.
package struct ReportHeader: Sendable {
  package let title: String
  package let model: String
  /// The request as the user made it.
  package let request: String
  package let date: String

  package init(title: String, model: String, request: String, date: String = Product.date()) {
    (self.title, self.model, self.request, self.date) = (title, model, request, date)
  }
}

import Explain

/// Tables as text, by RFC 4180: fields with commas, quotes or line breaks in quotes, quotes in them doubled, lines ended by
/// carriage return and line feed.
package enum CommaSeparated {
  package static func line(_ fields: [String]) -> String {
    fields.map(EventTable.quoted).joined(separator: ",") + "\r\n"
  }
}

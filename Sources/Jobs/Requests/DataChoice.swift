package import Train

/// Which labelled sounds a request is about, and how they are shared out.
package struct DataChoice: Codable, Sendable, Hashable {
  /// A folder or a table.
  package var path: String
  /// Which columns of a table hold what, where their names do not say it.
  package var columns: TableColumns?
  /// Which corpus it is, instead of what is found.
  package var corpus: Corpus?
  package var rule = SplitRule.asDistributed

  package init(_ path: String) { self.path = path }

  /// - Throws: `FileError`, `DataSetError`.
  package func read() throws -> DataSet { try DataSet(reading: path, columns, kind: corpus) }
}

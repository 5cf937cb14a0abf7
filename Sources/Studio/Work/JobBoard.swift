import Synchronization

/// What takes longer than a visitor wants to wait: jobs, one at a time, whose states survive a restart.
final class JobBoard: Sendable {
  private let store: StudioStore

  init(_ store: StudioStore) throws { self.store = store }

  /// Goes on with what was not finished when the studio was last ended.
  func begin(for studio: Studio) {}
}

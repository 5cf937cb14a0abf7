import Glibc

/// Items that several threads make and one takes, number after number, each in pieces.
///
/// A thread gets the next number and adds its pieces; who takes them gets all pieces of number 0, then those of number 1, and
/// so on. No number is given out that is more than `ahead` beyond the one that is taken; no more than `piecesAhead` pieces
/// wait at a number, and none is added while all that wait weigh more than `mostWeight`, but to the number that is taken: what
/// waits in memory is bounded, and the number that is taken never waits for another.
///
/// Sendable because everything is behind one mutex.
package final class InOrder<Piece: Sendable>: @unchecked Sendable {
  private let count: Int
  private let ahead: Int
  private let piecesAhead: Int
  private let mostWeight: Int
  private let weight: @Sendable (Piece) -> Int
  private var mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var given = 0
  private var taken = 0
  private var waiting: [Int: [Piece]] = [:]
  private var waitingWeight = 0
  private var isStopped = false

  package init(
    count: Int, ahead: Int, piecesAhead: Int = 4, mostWeight: Int = .max,
    weight: @escaping @Sendable (Piece) -> Int = { _ in 1 }
  ) {
    (self.count, self.ahead, self.piecesAhead) = (count, max(1, ahead), max(1, piecesAhead))
    (self.mostWeight, self.weight) = (mostWeight, weight)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(changed)
    mutex.deallocate()
    changed.deallocate()
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  private func wait() { pthread_cond_wait(changed, mutex) }
  private func announce() { pthread_cond_broadcast(changed) }

  /// The next number to make; nil where there is none, or nobody takes them any more.
  package func next() -> Int? {
    locked {
      while !isStopped, given < count, given > taken + ahead { wait() }
      guard !isStopped, given < count else { return nil }
      given += 1
      return given - 1
    }
  }

  /// Adds a piece of `number`; false where nobody takes it any more.
  package func add(_ piece: Piece, to number: Int) -> Bool {
    locked {
      while !isStopped,
        (waiting[number]?.count ?? 0) >= piecesAhead || (number > taken && waitingWeight > mostWeight)
      { wait() }
      guard !isStopped else { return false }
      waitingWeight += weight(piece)
      waiting[number, default: []].append(piece)
      announce()
      return true
    }
  }

  /// The next piece of the number that is taken.
  package func take() -> Piece {
    locked {
      while true {
        if let piece = waiting[taken]?.first {
          waiting[taken]?.removeFirst()
          waitingWeight -= weight(piece)
          announce()
          return piece
        }
        wait()
      }
    }
  }

  /// Goes on to the next number.
  package func advance() {
    locked {
      waiting[taken] = nil
      taken += 1
      announce()
    }
  }

  /// Lets every thread that makes pieces end.
  package func stop() {
    locked {
      isStopped = true
      announce()
    }
  }
}

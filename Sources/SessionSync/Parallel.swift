import Dispatch
import Synchronization

/// Work on all cores.
enum Parallel {
  /// The answers of `body` for `0..<count`, in order.
  ///
  /// - Parameter progress: told, from any thread and from several at once, how many there are; the numbers may come out
  ///   of order.
  static func map<Answer: Sendable>(
    _ count: Int, progress: @Sendable (Int) -> Void = { _ in }, _ body: @Sendable (Int) -> Answer
  ) -> [Answer] {
    let answers = Mutex<(all: [Answer?], done: Int)>((Array(repeating: nil, count: count), 0))
    DispatchQueue.concurrentPerform(iterations: count) { index in
      let answer = body(index)
      let done = answers.withLock {
        $0.all[index] = answer
        $0.done += 1
        return $0.done
      }
      // Not under the lock: whoever is told may take as long as a terminal does.
      progress(done)
    }
    return answers.withLock { $0.all.compactMap(\.self) }
  }
}

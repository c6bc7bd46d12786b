import Dispatch
import Synchronization

/// Work on all cores.
enum Parallel {
  /// The answers of `body` for `0..<count`, in order.
  ///
  /// - Parameter progress: told, from any thread, how many there are.
  static func map<Answer: Sendable>(
    _ count: Int, progress: @Sendable (Int) -> Void = { _ in }, _ body: @Sendable (Int) -> Answer
  ) -> [Answer] {
    let answers = Mutex<(all: [Answer?], done: Int)>((Array(repeating: nil, count: count), 0))
    DispatchQueue.concurrentPerform(iterations: count) { index in
      let answer = body(index)
      answers.withLock {
        $0.all[index] = answer
        $0.done += 1
        progress($0.done)
      }
    }
    return answers.withLock { $0.all.compactMap(\.self) }
  }
}

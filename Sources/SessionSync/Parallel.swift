import Dispatch
import Synchronization

/// Work on all cores.
enum Parallel {
  /// The answers of `body` for `0..<count`, in order.
  static func map<Answer: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Answer) -> [Answer] {
    let answers = Mutex<[Answer?]>(Array(repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: count) { index in
      let answer = body(index)
      answers.withLock { $0[index] = answer }
    }
    return answers.withLock { $0.compactMap(\.self) }
  }
}

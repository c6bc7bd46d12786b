import Rollout

/// Threads found by id and by lineage key, so that a decision looks at the few that matter.
struct LineageIndex: Sendable {
  private(set) var threads: [LineageThread] = []
  private var byID: [ThreadID: Int] = [:]
  private var byKey: [RecordDigest: [Int]] = [:]

  init(_ threads: [LineageThread]) {
    for thread in threads { insert(thread) }
  }

  subscript(id: ThreadID) -> LineageThread? { byID[id].map { threads[$0] } }

  /// The threads that share a lineage key; for a thread without history, and of those, the id alone counts.
  func sharing(_ incoming: LineageThread) -> [LineageThread] {
    let keys = incoming.lineageKeys
    var found = Set(keys.flatMap { byKey[$0] ?? [] })
    if let same = byID[incoming.id], keys.isEmpty || threads[same].lineageKeys.isEmpty { found.insert(same) }
    return found.sorted().map { threads[$0] }
  }

  mutating func insert(_ thread: LineageThread) {
    byID[thread.id] = threads.count
    for key in thread.lineageKeys { byKey[key, default: []].append(threads.count) }
    threads.append(thread)
  }

  /// Lets a thread go on to a longer history.
  mutating func extend(_ id: ThreadID, to head: History, _ turns: LineageThread.Turns) {
    guard let position = byID[id] else { return }
    let known = threads[position].lineageKeys
    threads[position] = threads[position].continued(to: head, turns)
    for key in threads[position].lineageKeys.subtracting(known) { byKey[key, default: []].append(position) }
  }
}

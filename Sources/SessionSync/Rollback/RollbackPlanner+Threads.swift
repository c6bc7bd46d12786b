import CanonicalJSON
import CodexHome
import Journal
import Rollout

/// What becomes of each thread: what people are told, and what the journal notes of an undoing.
extension RollbackPlanner {
  func threadChanges(
    _ effects: [RollbackPlan.Effect], _ kept: [RollbackPlan.KeptThread], _ titles: [ThreadID: String]
  ) -> [RollbackPlan.ThreadChange] {
    var order: [ThreadID] = []
    var transactions: [ThreadID: [String]] = [:]
    for link in chain.links {
      for thread in link.threads {
        if transactions[thread] == nil { order.append(thread) }
        transactions[thread, default: []].append(link.transaction.id)
      }
    }
    let reasons = Dictionary(kept.map { ($0.thread, $0.reason) }, uniquingKeysWith: { first, _ in first })
    let done = Dictionary(grouping: effects) { $0.thread }
    return order.map { thread in
      RollbackPlan.ThreadChange(
        thread: thread, title: titles[thread],
        effect: reasons[thread] == nil ? Self.change(done[thread] ?? []) : .kept, reason: reasons[thread],
        transactions: transactions[thread] ?? [])
    }
  }

  private static func change(_ effects: [RollbackPlan.Effect]) -> RollbackPlan.ThreadChange.Effect {
    let undone = Set(effects.filter { $0.action == .undone }.map(\.operation))
    if undone.isSuperset(of: ["place_file", "take_file"]) { return .putBack }
    let changes: KeyValuePairs<String, RollbackPlan.ThreadChange.Effect> = [
      "place_file": .takenAway, "take_file": .broughtBack, "append": .cutBack, "cut": .lengthened,
      "move_file": .movedBack, "row": .entryPutBack, "add_line": .entryPutBack, "drop_line": .entryPutBack,
    ]
    return changes.first { undone.contains($0.key) }?.value ?? (effects.isEmpty ? .released : .gone)
  }

  /// What a person would call the threads that are spoken of: as the transactions did, else as their rows do.
  func titles(of kept: [RollbackPlan.KeptThread]) -> [ThreadID: String] {
    var titles: [ThreadID: String] = [:]
    for transaction in chain.links.map(\.transaction) {
      for session in ["threads", "sessions", "adopted"].flatMap({ transaction.details[$0]?.array ?? [] }) {
        let id = (session["local_thread_id"] ?? session["thread_id"])?.string
        guard let thread = id.flatMap(ThreadID.init), let title = session["title"]?.string else { continue }
        titles[thread] = title
      }
    }
    let others = kept.compactMap { thread in
      switch thread.reason {
      case .isBaseOf(let other), .holdsWorkOf(let other): other
      case .continued, .changed: nil
      }
    }
    for thread in others + chain.links.flatMap(\.threads) where titles[thread] == nil {
      let row = RowChange(table: "threads", key: ["id": .string(thread.text)], before: nil, after: nil)
      guard let found = try? CatalogueRows(home: home).row(row) else { continue }
      let names = [
        ThreadNaming(row: found, indexRow: nil).name, found["title"]?.string, found["preview"]?.string,
      ]
      titles[thread] = names.compactMap(\.self).first { !$0.isEmpty }
    }
    return titles
  }
}

extension RollbackChain.Link {
  /// The threads that it wrote to, or took into a lineage, and that were not undone since; in the order it did.
  var threads: [ThreadID] {
    var threads: [ThreadID] = []
    var seen: Set<ThreadID> = []
    for operation in operations {
      if case .forgetDerived = operation { continue }
      guard let thread = RollbackPlanner.thread(of: operation), seen.insert(thread).inserted else { continue }
      threads.append(thread)
    }
    let named = transaction.threads.sorted().filter { transaction.fate(of: $0)?.isUndone != true }
      .compactMap(ThreadID.init)
    return threads + named.filter { !seen.contains($0) }
  }
}

import Journal
import Rollout
import SessionSync

/// Lineages as a graph: a thread a line, what was delivered to it below, branches where they part.
struct LogText {
  let lineages: [LineageLog.Lineage]
  let now: Timestamp
  let width: Int
  let style: Style

  func lines() -> [String] {
    lineages.flatMap { lineage in
      let roots = lineage.threads.filter { $0.parent == nil }
      return roots.flatMap { lines($0, in: lineage, "", "", isRoot: true) } + [""]
    }
  }

  /// A thread with what is below it.
  ///
  /// - Parameters:
  ///   - first: what stands before its own line.
  ///   - rest: what stands before the lines below it.
  private func lines(
    _ thread: LineageLog.Thread, in lineage: LineageLog.Lineage, _ first: String, _ rest: String, isRoot: Bool
  ) -> [String] {
    let children = lineage.threads.filter { $0.parent == thread.id }
    let below = children.isEmpty ? "  " : "│ "
    var facts = [thread.turns.map { count($0, "turn") } ?? count(thread.history, "record")]
    if !isRoot { facts.append("parts after \(count(thread.common, "record"))") }
    facts.append(Age.text(since: thread.updated, now: now))
    if thread.isFork { facts.append("fork") }
    if thread.isArchived { facts.append("archived") }
    let room = max(12, width - DisplayWidth.of(first) - 2)
    var lines = [
      "\(first)\(style.green("●")) \(style.bold(DisplayWidth.fit(title: thread.title, room)))",
      "\(rest)\(below)\(thread.id)  \(style.dim(facts.joined(separator: ", ")))",
    ]
    lines += thread.deliveries.map { delivery in "\(rest)\(below)\(text(delivery))" }
    for (index, child) in children.enumerated() {
      let isLast = index == children.count - 1
      lines += self.lines(
        child, in: lineage, rest + (isLast ? "╰─" : "├─"), rest + (isLast ? "  " : "│ "), isRoot: false)
    }
    return lines
  }

  private func text(_ delivery: LineageLog.Delivery) -> String {
    let time = delivery.transaction.createdAt.prefix(16).replacing("T", with: " ")
    let since = Wording.text(delivery.fate).map { style.yellow(" (\($0))") } ?? ""
    return "\(style.dim(delivery.transaction.id))  \(time) \(Wording.done(delivery.action))\(since)"
  }

  private func count(_ number: some BinaryInteger, _ thing: String) -> String {
    "\(number) \(thing)\(number == 1 ? "" : "s")"
  }
}

import CanonicalJSON
import SyncTestSupport
import SystemPackage

/// Calls that fail, or do less than they were asked for.
extension Play {
  /// Lets a call fail, and sees that the command says so in words, with a documented exit code that is true.
  func fault(_ fault: Injection.Fault, _ point: Int, _ tally: inout Tally) throws {
    tally.faults += 1
    try stage.restore(.template)
    // Half of the runs answer to people.
    let isJSON = point.isMultiple(of: 2)
    let outcome = try stage.run(command + (isJSON ? ["--json"] : []), .fault(fault, point))
    guard let status = outcome.status else { throw Broken("died: \(outcome.text)") }
    try expectWords(outcome, isJSON)
    do {
      try expectTruth(status, fault)
      let journal = try stage.journal()
      if !journal.open.isEmpty || !journal.litter.isEmpty {
        _ = try recover()
        try expectTidy()
      }
      try finishCommand()
    } catch let broken as Broken {
      throw Broken("\(outcome.text): \(broken.what)")
    }
  }

  /// The documented exit codes that a fault may lead to.
  private enum Exit {
    static let done: Int32 = 0
    static let failed: Int32 = 1
    static let incomplete: Int32 = 3
    static let busy: Int32 = 4
    static let needsRecovery: Int32 = 6
  }

  private func expectTruth(_ status: Int32, _ fault: Injection.Fault) throws {
    let open = try stage.journal().open
    let isAsBefore = open == self.open
    switch status {
    case Exit.done:
      guard try side() == .after else { throw Broken("exit 0, but nothing was done") }
      guard open.isEmpty else { throw Broken("exit 0, but a transaction is open") }
    case Exit.failed, Exit.busy:
      guard try side() == .before else { throw Broken("exit \(status), but all was done") }
      guard isAsBefore else { throw Broken("exit \(status), but open is \(open)") }
    case Exit.incomplete where fault.isOfLocks:
      // A thread that is busy is left out; the others are as they are to be.
      guard open.isEmpty else { throw Broken("exit 3, but a transaction is open") }
    case Exit.needsRecovery:
      guard !open.isEmpty else { throw Broken("exit 6, but nothing is open") }
    default: throw Broken("an exit code that is not documented for this")
    }
  }

  private func expectWords(_ outcome: Outcome, _ isJSON: Bool) throws {
    if let innards = PlainWords.innards(of: outcome.output + outcome.complaint) {
      throw Broken("\(innards) shows: \(outcome.text)")
    }
    // Where only the sessions are busy, there is a report of them.
    let isReport =
      outcome.status == Exit.busy && (outcome.json?["sessions"] != nil || outcome.output.contains("blocked"))
    let isError = !isReport && ![Exit.done, Exit.incomplete].contains(outcome.status ?? -1)
    if isJSON {
      guard let json = outcome.json else { throw Broken("no JSON: \(outcome.text)") }
      let keys = json["error"]?.members?.map(\.key)
      guard keys == (isError ? ["code", "message", "hint"] : nil) else {
        throw Broken("keys: \(outcome.text)")
      }
    } else if isError {
      let lines = outcome.complaint.split(separator: "\n")
      guard lines.first?.hasPrefix("error: ") == true, outcome.output.isEmpty else {
        throw Broken("no sentence on stderr: \(outcome.text)")
      }
    }
  }
}

import Rollout
import SystemPackage

/// What one machine owes its user, and what the user took away himself.
struct Ledger {
  /// Records that must be in some thread here.
  var owed: Set<Int> = []
  /// Histories that the user rewound, or that a transfer install put behind another file of their thread.
  var rewound: [[Int]] = []
  /// Whether the user ever deleted anything.
  var hasDeleted = false
  /// The histories of each thread, its head's first, as a writing run saw them last.
  var notes: [ThreadID: [[Int]]] = [:]
  /// Threads whose note may be an older one than ours: they lost records by no act of their user.
  var shrunk: Set<ThreadID> = []
  /// Records that each transaction wrote.
  var brought: [String: Set<Int>] = [:]
  /// What each transaction changed, as far as it was seen apart from others.
  var deeds: [String: Deed] = [:]
  /// Threads that the transfer tool's journal names, which is one of Codex's files here.
  var installed: Set<ThreadID> = []
  /// Whether the sidecar was rebuilt: what was gone then is mapped to nothing, though it may have come back since.
  var hasRebuilt = false
  /// Whether the journal ever went back to a backup: what only it knew is nobody's knowledge any more.
  var hasLostJournal = false

  /// Forgets what runs saw, and with that what was deleted.
  mutating func forgetNotes() {
    notes = [:]
    shrunk = []
  }

  /// The same debts, of which the program knows what it knows in another ledger.
  func remembering(as other: Ledger) -> Ledger {
    var ledger = other
    ledger.owed = owed
    ledger.rewound = rewound
    ledger.installed = installed
    ledger.hasDeleted = hasDeleted || other.hasDeleted
    ledger.hasLostJournal = hasLostJournal || other.hasLostJournal
    return ledger
  }
}

/// A package, and what its maker knows to be in it.
struct Parcel {
  /// One session.
  struct Session {
    let id: ThreadID
    let history: [Int]
    let format: SessionMeta.Format
    /// Whether the file goes on from a rollout that is not in the package.
    let lacksBase: Bool
    /// Whether it is a branch of a fork or sub-agent, and nothing in the package says so any more.
    let isBare: Bool
  }

  let number: Int
  let path: FilePath
  let isOurs: Bool
  let sessions: [Session]
}

/// A promise that was not kept.
struct Violation: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

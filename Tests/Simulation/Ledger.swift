import Rollout
import SystemPackage

/// What one machine owes its user, and what the user took away himself.
struct Ledger {
  /// Records that must be in some thread here.
  var owed: Set<Int> = []
  /// Histories that the user rewound, or that a transfer install put behind another file of their thread.
  var rewound: [[Int]] = []
  /// Histories that the user deleted.
  var deleted: [[Int]] = []
  /// Records that each transaction wrote.
  var brought: [String: Set<Int>] = [:]
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

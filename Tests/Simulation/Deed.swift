import CanonicalJSON
import Rollout
import SystemPackage

/// What a transaction changed in a home, as it was seen from outside.
struct Deed {
  let files: Changes<FilePath, [UInt8]>
  let rows: Changes<ThreadID, JSONValue>
  /// What the threads held afterwards that it wrote to.
  let heads: [ThreadID: [Int]]

  init(from before: HomeView, to after: HomeView) {
    files = Changes(from: before.files, to: after.files)
    rows = Changes(from: before.rows, to: after.rows)
    let touched = Set(files.keys.compactMap { RolloutName($0)?.thread }).union(rows.keys)
    heads = after.threads.filter { touched.contains($0.key) }.compactMapValues(\.head)
  }

  /// The rollouts that it wrote, moved or took away, wherever they lie.
  var rollouts: Set<ThreadID> { Set(files.keys.compactMap { RolloutName($0)?.rolloutID }) }

  /// The threads that it wrote to, in a file or in the catalogue.
  var threads: Set<ThreadID> { written.union(rows.keys) }
  /// The threads of which it changed the row alone.
  var mended: Set<ThreadID> { Set(rows.keys).subtracting(written) }

  /// The threads of which it wrote, moved or took away a file.
  var written: Set<ThreadID> { Set(files.keys.compactMap { RolloutName($0)?.thread }) }

  /// Whether of this and another deed the later one may have been built upon the earlier one.
  func meets(_ other: Deed) -> Bool {
    !rollouts.isDisjoint(with: other.rollouts) || !mended.isDisjoint(with: other.threads)
      || !threads.isDisjoint(with: other.mended)
  }

  /// How long it left a rollout.
  func length(of rollout: ThreadID) -> Int? {
    files.after.filter { RolloutName($0.key)?.rolloutID == rollout }.map(\.value.count).max()
  }
}

/// What became of things between two looks at them.
struct Changes<Key: Hashable, Value: Equatable> {
  private var all: [Key: (before: Value?, after: Value?)] = [:]

  init(from before: [Key: Value], to after: [Key: Value]) {
    for key in Set(before.keys).union(after.keys) where before[key] != after[key] {
      all[key] = (before[key], after[key])
    }
  }

  var keys: Dictionary<Key, (before: Value?, after: Value?)>.Keys { all.keys }

  /// What was changed and is still there, as it was then.
  var after: [Key: Value] { all.compactMapValues(\.after) }

  /// What only these changes, one after the other, ever did something to, and how it was before; nil stands for
  /// nothing.
  static func alone(_ chain: [Changes], now: [Key: Value]) -> [Key: Value?] {
    var first: [Key: Value?] = [:]
    var last: [Key: Value?] = [:]
    var foreign: Set<Key> = []
    for (key, change) in chain.flatMap(\.all) {
      if let last = last[key], last != change.before { foreign.insert(key) }
      if first[key] == nil { first.updateValue(change.before, forKey: key) }
      last.updateValue(change.after, forKey: key)
    }
    return first.filter { key, _ in !foreign.contains(key) && last[key] == .some(now[key]) }
  }
}

extension HomeView {
  /// The bytes of each rollout.
  var files: [FilePath: [UInt8]] {
    Dictionary(threads.values.flatMap(\.rollouts).map { ($0.path, $0.bytes) }, uniquingKeysWith: { $1 })
  }
}

extension RolloutName {
  /// The rollout that a file is by its name.
  init?(_ path: FilePath) { self.init(path.lastComponent?.string ?? "") }
}

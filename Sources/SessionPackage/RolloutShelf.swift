import CanonicalJSON
import DurableFiles
import Rollout
import SystemPackage

/// The rollout files of a package, to be handed to the threads they belong to.
struct RolloutShelf {
  /// Files by their exact name in `sessions/`.
  private var byName: [String: PackagedRollout] = [:]
  /// Files by the thread that their name says, in the order of names.
  private var byThread: [ThreadID: [PackagedRollout]] = [:]
  /// Lengths that `metadata/checksums.json` says, by file.
  private var sizes: [FilePath: Int64] = [:]
  /// Rollouts that it lists and the package does not hold.
  private var missing: [ThreadID: [String]] = [:]
  private(set) var warnings: [PackageWarning] = []

  /// The threads that have a rollout, in the order of the rollouts' names.
  var threads: [ThreadID] {
    byThread.keys.sorted { (byThread[$0]?.first?.name.text ?? "") < (byThread[$1]?.first?.name.text ?? "") }
  }

  init(_ tree: PackageTree, _ checksums: PackageChecksums) throws(PackageError) {
    var folders: Set<String> = []
    for (path, file) in tree.files(below: "sessions") {
      if let slash = path.firstIndex(of: "/") {
        let folder = "sessions/\(path[..<slash])"
        if folders.insert(folder).inserted { warnings.append(.skippedEntry(path: folder, .folder)) }
        continue
      }
      guard let name = RolloutName(path) else {
        warnings.append(.foreignName(path: "sessions/\(path)"))
        continue
      }
      guard let stamp = try attempt({ () throws(FileError) in try FileStamp.of(file) }) else { continue }
      let rollout = PackagedRollout(file: file, name: name, stamp: stamp)
      byName[path] = rollout
      byThread[name.thread, default: []].append(rollout)
      sizes[file] = checksums.files["sessions/\(path)"]?.size
    }
    for path in checksums.files.keys.sorted() where path.hasPrefix("sessions/") && tree.files[path] == nil {
      let name = String(path.dropFirst("sessions/".count))
      if let thread = RolloutName(name)?.thread {
        missing[thread, default: []].append(name)
      }
      warnings.append(.missingFile(path: path))
    }
  }

  /// The rollouts of a thread, head first, and what is wrong with it.
  mutating func take(
    _ thread: ThreadID, rows: [MetadataRows.Row]
  ) -> (rollouts: [PackagedRollout], problems: [PackagedSession.Problem]) {
    var problems: [PackagedSession.Problem] = []
    if rows.count > 1 { problems.append(.duplicateRow(lines: rows.map(\.line))) }
    let head = rows.first.flatMap { row in self.head(of: row, &problems) }
    var rollouts = head.map { [$0] } ?? []
    var taken = Set(rollouts.map(\.name.plain))
    for rollout in (byThread[thread] ?? []).sorted(by: Self.precedes) where rollout != head {
      if taken.insert(rollout.name.plain).inserted {
        rollouts.append(rollout)
      } else {
        warnings.append(.duplicateRollout(path: "sessions/\(rollout.name.text)"))
      }
    }
    for rollout in rollouts where Self.isHollow(rollout) {
      problems.append(.hollow(name: rollout.name.text))
    }
    let named = Set(problems)
    problems += (missing[thread] ?? []).map { .missingRollout(name: $0) }.filter { !named.contains($0) }
    for rollout in rollouts where sizes[rollout.file, default: rollout.stamp.size] != rollout.stamp.size {
      problems.append(.checksumMismatch(name: rollout.name.text))
    }
    return (rollouts, problems)
  }

  private static func isHollow(_ rollout: PackagedRollout) -> Bool {
    if rollout.stamp.size <= RolloutLimits.floor { return false }
    do throws(FileError) { return try RolloutLimits.isHollow(OpenFile(reading: rollout.file)) } catch {
      return false
    }
  }

  /// From new to old; of a plain file and its compressed copy the plain one.
  private static func precedes(_ left: PackagedRollout, _ right: PackagedRollout) -> Bool {
    if left.name.plain == right.name.plain { return !left.name.isCompressed && right.name.isCompressed }
    return right.name.plain < left.name.plain
  }

  /// The rollout that a row names, by the last component of its path, which may be a Windows one.
  private func head(of row: MetadataRows.Row, _ problems: inout [PackagedSession.Problem]) -> PackagedRollout?
  {
    guard let path = row.value["rollout_path"]?.string else {
      problems.append(.invalidRow(line: row.line, field: "rollout_path"))
      return nil
    }
    let base = String(path.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }.last ?? "")
    guard let name = RolloutName(base) else {
      problems.append(.unsafeName(base))
      return nil
    }
    if name.thread != row.threadID { problems.append(.rolloutOfAnotherThread(name: base)) }
    let twin = name.isCompressed ? String(base.dropLast(4)) : "\(base).zst"
    guard let rollout = byName[base] ?? byName[twin] else {
      problems.append(.missingRollout(name: base))
      return nil
    }
    return rollout
  }
}

import CanonicalJSON
import CodexHome
import DurableFiles
import Lineage
import Rollout
import SystemPackage

/// Codex's own databases against the rollouts.
extension SidecarHealth {
  func catalogueFindings(
    _ local: LocalThreads, _ threads: [LocalThread]
  ) throws(SyncError) -> [HealthReport.Finding] {
    var findings: [HealthReport.Finding] = []
    for (id, row) in (local.catalogue?.threads ?? [:]).sorted(by: { $0.key < $1.key }) {
      let path = row["rollout_path"]?.string ?? ""
      guard try !isThere(path) else { continue }
      let here = local.entries[id].map { "; it is \($0.head.path)" } ?? ""
      findings.append(.init(.rowsHaveFiles, id.text, "no file \(path)\(here)"))
    }
    for thread in threads {
      guard let mode = thread.entry.row?["history_mode"]?.string, mode != thread.format.rawValue else {
        continue
      }
      // A legacy file is read as such whatever the row says (0.163.0).
      if thread.format == .legacy { continue }
      findings.append(
        .init(.rowsFitFormats, thread.entry.id.text, "\(mode), its file is \(thread.format.rawValue)"))
    }
    return findings + (try projectionFindings(local, threads))
  }

  /// A compressed file keeps its plain name in the row.
  private func isThere(_ path: String) throws(SyncError) -> Bool {
    try lift(SyncError.file) { () throws(FileError) in
      for name in [path, "\(path).zst"] where try FileStamp.ofTarget(FilePath(name)) != nil { return true }
      return false
    }
  }

  /// Codex reads on behind the offset, and never looks back: a file that is shorter, or whose records lie elsewhere,
  /// goes on showing turns that it no longer has, or hides new ones (0.163.0).
  private func projectionFindings(
    _ local: LocalThreads, _ threads: [LocalThread]
  ) throws(SyncError) -> [HealthReport.Finding] {
    let projections = try lift(SyncError.home) { () throws(CodexHomeError) in
      try ThreadHistoryDatabase.projections(in: home.threadHistory, scratch: surroundings.scratch)
    }
    let rollouts = Dictionary(
      local.entries.values.flatMap(\.rollouts).map { ($0.name.rolloutID, $0) },
      uniquingKeysWith: { first, _ in first })
    let spoken = Set(threads.filter { $0.lineage.head.count > 0 }.map(\.entry.head.name.rolloutID))
    var findings: [HealthReport.Finding] = []
    for projection in projections {
      guard let rollout = rollouts[projection.rollout], !rollout.name.isCompressed else { continue }
      let found = try lift(SyncError.file) { () throws(FileError) -> String? in
        try problem(of: projection, rollout.path, isSpoken: spoken.contains(projection.rollout))
      }
      if let found { findings.append(.init(.projectionsFitRollouts, projection.rollout.text, found)) }
    }
    return findings
  }

  private func problem(
    of projection: ThreadHistoryDatabase.Projection, _ path: FilePath, isSpoken: Bool
  ) throws(FileError) -> String? {
    let file = try OpenFile(reading: path)
    let size = try file.stamp().size
    if projection.offset > size { return "read to byte \(projection.offset) of \(size)" }
    func isBetweenRecords(_ offset: Int64) throws(FileError) -> Bool {
      if offset <= 0 { return true }
      return try file.read(at: offset - 1, count: 1) == [0x0A]
    }
    if try !isBetweenRecords(projection.offset) {
      return "read to byte \(projection.offset), within a record"
    }
    // A fork made of such a turn would be cut within a record (0.163.0).
    for edge in projection.edges.sorted() {
      if try !isBetweenRecords(edge) { return "a turn begins or ends at byte \(edge), within a record" }
    }
    if projection.offset == size, projection.turns == 0, isSpoken {
      return "read to the end, and shows no turn"
    }
    return nil
  }
}

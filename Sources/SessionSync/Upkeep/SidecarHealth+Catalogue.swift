import CanonicalJSON
import CodexHome
import DurableFiles
import Lineage
import Rollout
import SystemPackage

/// Codex's own databases against the rollouts.
extension SidecarHealth {
  func catalogueFindings(
    _ local: LocalThreads, _ threads: [LocalThread], _ deliveries: Deliveries
  ) throws(SyncError) -> [HealthReport.Finding] {
    var findings: [HealthReport.Finding] = []
    for (id, row) in (local.catalogue?.threads ?? [:]).sorted(by: { $0.key < $1.key }) {
      let path = row["rollout_path"]?.string ?? ""
      if isThere(path) || local.entries[id]?.isNamed == true { continue }
      let entry = local.entries[id]
      let here = entry.map { "; it is \($0.head.path)" } ?? ""
      let remedy: HealthReport.Remedy = entry != nil ? .adopt(id) : deliveries.remedy(for: id) ?? .delete(id)
      findings.append(.init(.rowsHaveFiles, id.text, "no file \(path)\(here)", remedy))
    }
    for thread in threads {
      guard let mode = thread.entry.row?["history_mode"]?.string, mode != thread.format.rawValue else {
        continue
      }
      // A legacy file is read as such whatever the row says (0.163.0).
      if thread.format == .legacy { continue }
      findings.append(
        .init(
          .rowsFitFormats, thread.entry.id.text, "\(mode), its file is \(thread.format.rawValue)",
          .adopt(thread.entry.id)))
    }
    return findings + (try providerFindings(threads)) + (try projectionFindings(local, threads))
  }

  /// Codex neither lists nor resumes a thread whose row names a provider that it does not know (0.163.0).
  private func providerFindings(_ threads: [LocalThread]) throws(SyncError) -> [HealthReport.Finding] {
    let known = try lift(SyncError.home) { () throws(CodexHomeError) in try home.config().knownProviders }
    return threads.compactMap { thread -> HealthReport.Finding? in
      guard let provider = thread.entry.row?["model_provider"]?.string, !known.contains(provider) else {
        return nil
      }
      return .init(
        .providersAreConfigured, thread.entry.id.text, "\(provider) is not configured here",
        .packAndSync(thread.entry.id))
    }
  }

  /// The folders and files that threads are kept in.
  func fileFindings(_ local: LocalThreads, _ threads: [LocalThread]) -> [HealthReport.Finding] {
    var findings = local.files.warnings.map { warning in
      HealthReport.Finding(
        .foldersCanBeRead, warning.path.string, warning.detail ?? "leads nowhere: its disk is away", .none,
        isExpected: warning.code == .folderUnreadable)
    }
    for entry in local.entries.values.sorted(by: { $0.id < $1.id }) {
      findings += entry.copies.map {
        .init(
          .filesAreUnique, entry.id.text, "\($0.path); in use is \(entry.head.path)", .none, isExpected: true)
      }
    }
    guard local.catalogue != nil else { return findings }
    return findings
      + threads.filter { $0.entry.isUnlisted && $0.lineage.head.count > 0 }.map {
        .init(.filesHaveRows, $0.entry.id.text, "\($0.entry.head.path) is in no row", .adopt($0.entry.id))
      }
  }

  /// A compressed file keeps its plain name in the row; a file behind a folder that cannot be looked into may be there.
  private func isThere(_ path: String) -> Bool {
    [path, "\(path).zst"].contains { name in
      do throws(FileError) { return try FileStamp.ofTarget(FilePath(name)) != nil } catch {
        return error.isRefusal
      }
    }
  }

  /// Codex reads on behind the offset, and never looks back: a file that is shorter, or whose records lie elsewhere,
  /// goes on showing turns that it no longer has, or hides new ones (0.163.0).
  private func projectionFindings(
    _ local: LocalThreads, _ threads: [LocalThread]
  ) throws(SyncError) -> [HealthReport.Finding] {
    let (database, projections) = try lift(SyncError.home) { () throws(CodexHomeError) in
      let database = try home.threadHistory()
      return (database, try ThreadHistoryDatabase.projections(in: database, scratch: surroundings.scratch))
    }
    let rollouts = local.files.byRollout
    let spoken = Set(threads.filter { $0.lineage.head.count > 0 }.map(\.entry.head.name.rolloutID))
    var findings: [HealthReport.Finding] = []
    for projection in projections {
      guard let rollout = rollouts[projection.rollout], !rollout.name.isCompressed else { continue }
      // A file that cannot be read was named already.
      let isSpoken = spoken.contains(projection.rollout)
      guard let detail = (try? problem(of: projection, rollout.path, isSpoken: isSpoken)) ?? nil else {
        continue
      }
      findings.append(
        .init(
          .projectionsFitRollouts, projection.rollout.text, detail, .deriveAgain(database)))
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
      if offset > size { return false }
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

import SessionSync

/// What looks after the sidecar.
extension World {
  /// What `sidecar-health` says of a machine; it writes nothing.
  func health(_ machine: Int) throws -> HealthReport {
    let untouched = try stamps(machine)
    let report = try SidecarHealth(home: home(machine), surroundings: surroundings(machine)).report()
    try expectUntouched(machine, since: untouched, "looking after the sidecar's health")
    return report
  }

  /// Makes the sidecar of a machine anew: deletions are forgotten, and what it says is right.
  func rebuildSidecar(_ machine: Int) throws {
    note("\(machines[machine].name) rebuilds the sidecar")
    _ = try SidecarRebuild(home: home(machine), surroundings: surroundings(machine)).execute()
    ledgers[machine].forgetNotes()
    try look(machine)
    remember(machine)
    let mended: [HealthReport.Check] = [
      .sidecarIsReadable, .sidecarAgreesWithJournal, .mappingsLeadToThreads, .historiesOnlyGrow,
    ]
    let report = try health(machine)
    if let finding = report.findings.first(where: { mended.contains($0.check) }) {
      throw Violation("\(machines[machine].name): rebuilt, and still \(finding)")
    }
    if !report.deleted.isEmpty {
      throw Violation("\(machines[machine].name): rebuilt, and \(report.deleted) still count as deleted")
    }
  }
}

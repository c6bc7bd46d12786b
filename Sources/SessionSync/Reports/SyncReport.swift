import CanonicalJSON
import CodexHome
import DurableFiles
import Lineage
import Rollout
import SessionPackage
import SystemPackage

extension Report {
  /// The answer of `inspect-package` and `sync`.
  public static func sync(
    _ plan: SyncPlan, command: String, home: String, transaction: String?, executed: Bool
  ) -> JSONValue {
    var report = head(command, home: home)
    let status =
      transaction != nil ? "committed" : plan.isEmpty ? "nothing_to_do" : executed ? "committed" : "dry_run"
    report["status"] = .string(status)
    report["package"] = [
      "path": .string(plan.package.string), "origin": text(plan.origin),
      "sessions": .integer(Int64(plan.sessions.count)),
      "warnings": .array(plan.packageWarnings.map(packageWarning)),
      "skills": .array(plan.skills.map(skill)),
    ]
    report["plan_digest"] = .string(plan.digest)
    report["transaction_id"] = text(transaction)
    report["sessions"] = .array(plan.sessions.map(session))
    report["folders"] = .array(plan.folders.map { .string($0.string) })
    report["unmatched_maps"] = .array(
      plan.unmatchedMaps.map { ["from": .string($0.from), "to": .string($0.to)] })
    report["package_folders"] = .array(plan.packageFolders.map(JSONValue.string))
    report["adopted"] = .array(plan.adoptions.map { .string($0.thread.text) })
    report["entered"] = .array(plan.entries.map { .string($0.thread.text) })
    report["home_warnings"] = warnings(plan.homeWarnings)
    report["notes"] = .array(plan.notes.map { ["code": .string($0.code), "path": text($0.path)] })
    report["summary"] = summary(plan)
    return report
  }

  private static func skill(_ skill: SkillPlan) -> JSONValue {
    [
      "name": .string(skill.name), "state": .string(skill.state.rawValue),
      "action": skill.isInstalled ? "install" : "skip", "files": .integer(Int64(skill.files)),
      "bytes": .integer(skill.bytes),
    ]
  }

  private static func session(_ session: SessionPlan) -> JSONValue {
    [
      "thread_id": .string(session.threadID.text), "local_thread_id": text(session.localThreadID?.text),
      "title": .string(session.title), "updated_at": text(session.updated),
      "classification": text(session.classification?.rawValue),
      "detail": text(session.detail?.rawValue), "matched_by": text(session.matchedBy?.rawValue),
      "action": .string(session.action.rawValue),
      "blockers": .array(
        session.blockers.map(blocker)),
      "warnings": .array(
        session.warnings.map { ["code": .string($0.code.rawValue), "detail": text($0.detail)] }),
      "history": [
        "common": .integer(Int64(session.history.common)),
        "incoming": .integer(Int64(session.history.incoming)),
        "local": .integer(Int64(session.history.local)),
      ],
      "turns": session.turns.map {
        [
          "common": .integer(Int64($0.common)), "incoming": .integer(Int64($0.incoming)),
          "local": .integer(Int64($0.local)),
        ]
      } ?? .null,
      "records_written": .integer(Int64(session.size.records)), "bytes_written": .integer(session.size.bytes),
      "cwd": ["incoming": text(session.incomingCwd), "local": text(session.localCwd)],
    ]
  }

  /// What stands in a session's way.
  static func blocker(_ blocker: Blocker) -> JSONValue {
    [
      "code": .string(blocker.code.rawValue), "path": text(blocker.path), "detail": text(blocker.detail),
      "record": blocker.place.map { .integer(Int64($0.record)) } ?? .null,
      "offset": blocker.place.map { .integer($0.offset) } ?? .null,
      "process": blocker.process.map {
        ["id": .integer(Int64($0.id)), "command": .string($0.command)]
      } ?? .null,
    ]
  }

  private static func packageWarning(_ warning: PackageWarning) -> JSONValue {
    let (code, path, detail): (String, String?, String?) =
      switch warning {
      case .malformedLine(let file, let line, let error):
        ("malformed_line", file, "line \(line), byte \(error.offset): \(error.reason.rawValue)")
      case .lineNotAnObject(let file, let line): ("line_not_an_object", file, "line \(line)")
      case .invalidThreadID(let file, let line, let found):
        (
          "invalid_thread_id", file,
          "line \(line): \(found.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "none")"
        )
      case .malformedFile(let path): ("malformed_file", path, nil)
      case .foreignName(let path): ("foreign_name", path, nil)
      case .oddName(let path): ("odd_name", path, nil)
      case .skippedEntry(let path, let kind): ("skipped_entry", path, kind.rawValue)
      case .duplicateRollout(let path): ("duplicate_rollout", path, nil)
      case .missingFile(let path): ("missing_file", path, nil)
      case .damagedSkill(let path): ("damaged_skill", path, nil)
      case .absentThread(let id): ("absent_thread", nil, id.text)
      case .more(let count): ("more", nil, "\(count)")
      }
    return ["code": .string(code), "path": text(path), "detail": text(detail)]
  }

  private static func summary(_ plan: SyncPlan) -> JSONValue {
    var counts: JSONValue = [:]
    for classification in Classification.allCases {
      let count = plan.sessions.filter { $0.classification == classification }.count
      counts[classification.rawValue] = .integer(Int64(count))
    }
    counts["blocked"] = .integer(Int64(plan.sessions.filter { $0.action == .blocked }.count))
    return counts
  }
}

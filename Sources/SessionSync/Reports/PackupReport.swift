import CanonicalJSON
import Rollout
import SessionPackage
import SystemPackage

extension Report {
  /// The answer of `packup`.
  public static func packup(_ result: Packup.Result, home: String) -> JSONValue {
    var report = head("packup", home: home)
    report["status"] = "committed"
    report["package"] = [
      "path": .string(result.summary.path.string), "origin": text(result.origin),
      "sessions": .integer(Int64(result.packed.count)), "files": .integer(Int64(result.summary.files)),
      "bytes": .integer(result.summary.bytes), "skills": .array(result.summary.skills.map(JSONValue.string)),
      "skills_left_out": .array(result.summary.skippedSkillEntries.map(JSONValue.string)),
    ]
    report["sessions"] = .array(
      result.packed.map {
        [
          "thread_id": .string($0.thread.text), "title": .string($0.title), "cwd": text($0.cwd),
          "history": .integer(Int64($0.history)),
          "turns": $0.turns.map { .integer(Int64($0)) } ?? .null, "records": .integer(Int64($0.size.records)),
          "bytes": .integer($0.size.bytes),
          "warnings": .array(
            $0.warnings.map { ["code": .string($0.code.rawValue), "detail": text($0.detail)] }),
        ]
      })
    report["old_transcripts"] = .array(result.old.map { .string($0.string) })
    report["blocked"] = .array(
      result.blocked.map {
        [
          "thread_id": .string($0.thread.text), "code": .string($0.blocker.code.rawValue),
          "path": text($0.blocker.path), "detail": text($0.blocker.detail),
          "record": $0.blocker.place.map { .integer(Int64($0.record)) } ?? .null,
          "offset": $0.blocker.place.map { .integer($0.offset) } ?? .null,
        ]
      })
    report["home_warnings"] = warnings(result.homeWarnings)
    return report
  }
}

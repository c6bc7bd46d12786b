import CanonicalJSON
import CodexHome
import Journal
import Lineage
import Rollout
import SystemPackage

/// The digest that stands for a plan: `sync --plan` executes that plan or none.
enum PlanDigest {
  /// Covers every byte, row and line that would be written, and what is decided of the rest.
  static func of(
    _ sessions: [SessionPlan], _ folders: [FilePath], _ skills: [SkillWrite], _ adoptions: [Adoption],
    _ entries: [CatalogueEntry], trustsOrigin: Bool
  ) -> String {
    var plan: JSONValue = [
      "sessions": .array(sessions.map(session)),
      "folders": .array(folders.map { .string($0.string) }),
      "skills": .array(
        skills.flatMap(\.files).map { ["target": .string($0.target.string), "sha256": .string($0.sha256)] }),
      "adopted": .array(
        adoptions.map { ["thread_id": .string($0.thread.text), "rows": .array($0.rows.map(\.json))] }),
      "entered": .array(
        entries.map { ["thread_id": .string($0.thread.text), "rows": .array($0.rows.map(\.json))] }),
    ]
    if trustsOrigin { plan["trusts_origin"] = true }
    return "sha256:\(RecordDigest(hashing: plan.bytes))"
  }

  private static func session(_ session: SessionPlan) -> JSONValue {
    [
      "thread_id": .string(session.threadID.text),
      "local_thread_id": session.localThreadID.map { .string($0.text) } ?? .null,
      "action": .string(session.action.rawValue),
      "classification": session.classification.map { .string($0.rawValue) } ?? .null,
      "write": session.write.map(write) ?? .null,
    ]
  }

  private static func write(_ write: SessionWrite) -> JSONValue {
    let target: JSONValue =
      switch write.target {
      case .create(let path, let old):
        [
          "create": .string(path.string), "replaces": old.map { .string($0.rollout.path.string) } ?? .null,
        ]
      case .append(let target):
        [
          "append": .string(target.path.string), "at": .integer(target.ending.length),
          "moves_to": target.movesTo.map { .string($0.string) } ?? .null,
        ]
      }
    return [
      "target": target, "content": .string(write.measure.fingerprint.description),
      "bytes": .integer(write.measure.size.bytes),
      "rows": .array(write.rows.map { Operation.row($0).json }),
      "index_line": write.indexLine.map(JSONValue.string) ?? .null,
    ]
  }
}

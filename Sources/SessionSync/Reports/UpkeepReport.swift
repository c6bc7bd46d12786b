import CanonicalJSON
import Journal
import Rollout
import Sidecar

extension Report {
  /// The answer of `sidecar-health`.
  ///
  /// - Parameters:
  ///   - health: what was found.
  ///   - remedies: what helps, in words, check by check.
  ///   - home: the Codex home.
  ///   - remedy: says what helps where one finding was made; nil where nothing has to be done.
  public static func health(
    _ health: HealthReport, remedies: [HealthReport.Check: String], home: String,
    remedy: (HealthReport.Finding) -> String? = { _ in nil }
  ) -> JSONValue {
    var report = head("sidecar-health", home: home)
    report["status"] = .string(health.isSound ? "sound" : "unsound")
    report["checks"] = .array(
      HealthReport.Check.allCases.map { check in
        let findings = health.findings(of: check)
        return [
          "check": .string(check.rawValue), "count": .integer(Int64(findings.count)),
          "remedy": findings.allSatisfy(\.isExpected) ? .null : text(remedies[check]),
          "findings": .array(
            findings.map {
              [
                "subject": .string($0.subject), "detail": .string($0.detail),
                "expected": .bool($0.isExpected), "remedy": text($0.isExpected ? nil : remedy($0)),
              ]
            }),
        ]
      })
    report["deleted"] = .array(health.deleted.map { .string($0.text) })
    return report
  }

  /// The answer of `rebuild-sidecar`.
  public static func rebuild(_ plan: SidecarRebuild.Plan, home: String, executed: Bool) -> JSONValue {
    var report = head("rebuild-sidecar", home: home)
    report["status"] = .string(executed ? "committed" : "dry_run")
    report["threads"] = .integer(Int64(plan.threads))
    report["transactions"] = .integer(Int64(plan.transactions))
    report["was_readable"] = .bool(plan.isReadable)
    report["forgotten_deletions"] = .array(plan.forgotten.map { .string($0.text) })
    report["home_warnings"] = warnings(plan.homeWarnings)
    return report
  }

  /// The answer of `replay-transactions-sidecar`.
  public static func replay(
    _ replayed: [TransactionReplay.Replayed], home: String, executed: Bool
  ) -> JSONValue {
    var report = head("replay-transactions-sidecar", home: home)
    report["status"] = .string(executed ? "committed" : "dry_run")
    report["transactions"] = .array(
      replayed.map {
        [
          "transaction_id": .string($0.transaction.id), "command": .string($0.transaction.command),
          "missing": .array($0.missing.map { .string($0.text) }),
        ]
      })
    return report
  }

  /// The answer of `prune-invalid-mappings`.
  public static func pruning(_ result: MappingPruning.Result, home: String, executed: Bool) -> JSONValue {
    var report = head("prune-invalid-mappings", home: home)
    report["status"] = .string(result.mappings.isEmpty ? "nothing_to_do" : executed ? "committed" : "dry_run")
    report["transaction_id"] = text(result.transaction)
    report["mappings"] = .array(result.mappings.map(\.record))
    return report
  }
}

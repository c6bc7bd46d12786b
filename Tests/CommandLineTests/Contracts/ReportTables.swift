import CanonicalJSON
import SyncTestSupport

/// `docs/report.schema.json` for people.
struct ReportTables {
  let schema: ReportSchema

  var markdown: String {
    "| answer of | keys, besides `schema`, `command` and `codex_home` |\n| --- | --- |\n"
      + schema.reports.map {
        "| \($0.commands) | \(keys(of: $0.form, but: ["schema", "command", "codex_home"])) |"
      }.joined(separator: "\n")
      + "\n\n| word | is one of |\n| --- | --- |\n"
      + schema.definitions.compactMap(words).joined(separator: "\n") + "\n"
  }

  private func keys(of form: JSONValue, but known: [String] = []) -> String {
    (form["properties"]?.members ?? []).filter { !known.contains($0.key) }.map(key).joined(separator: ", ")
  }

  private func key(_ member: JSONValue.Member) -> String {
    var form = schema.resolved(member.value)
    let isList = form["items"] != nil
    if let items = form["items"] { form = schema.resolved(items) }
    let inner = form["properties"] == nil ? "" : " (\(keys(of: form)))"
    return "`\(member.key)\(isList ? "[]" : "")`\(inner)"
  }

  /// The enumeration that a definition is, or that its `code` is.
  private func words(_ member: JSONValue.Member) -> String? {
    let code = member.value["properties"]?["code"]
    guard let values = (code ?? member.value)["enum"]?.array?.compactMap(\.string) else { return nil }
    let name = code == nil ? member.key : "\(member.key).code"
    return "| `\(name)` | \(values.map { "`\($0)`" }.joined(separator: ", ")) |"
  }
}

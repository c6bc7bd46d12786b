import CanonicalJSON
import CodexHome
import Journal
import Lineage
import Rollout
import SessionPackage
import SystemPackage

/// What goes along with a thread's records: its name, its archived state, its tools.
extension SessionPlanner {
  /// What else goes along with a fast-forward: a name or archived state that the user here did not choose himself.
  func travelling(
    _ session: IncomingSession, _ local: LocalThread
  ) -> (changes: (name: String?, archive: Bool?), differences: [String]) {
    var name: String?
    var archive: Bool?
    var differences: [String] = []
    let row = local.entry.row ?? .object([])
    let own = ThreadNaming(row: local.entry.row, indexRow: self.local.index.rows[local.entry.id]).name
    if let incoming = ThreadNaming(session.packaged).name, incoming != own, local.lineage.marker == nil {
      let column = local.format == .paginated ? "name" : "title"
      if own == nil || written.isUntouched(column, of: local.entry.id, in: row) {
        name = incoming
      } else {
        differences.append("name: \(incoming)")
      }
    }
    if session.packaged.row != nil, session.isArchived != local.entry.head.isArchived {
      let isOurs =
        local.entry.head.isArchived
        ? written.isUntouched("archived", of: local.entry.id, in: row)
        : !written.isChanged("archived", of: local.entry.id, in: row)
      if isOurs, local.entry.rollouts.count == 1, local.entry.head.name.isOrdinary {
        archive = session.isArchived
      } else {
        differences.append(session.isArchived ? "archived there" : "archived here")
      }
    }
    return ((name, archive), differences)
  }

  func metadataDifferences(_ session: IncomingSession, _ local: LocalThread) -> [SessionWarning] {
    guard local.entry.id == session.packaged.threadID, session.packaged.row != nil else { return [] }
    let own = ThreadNaming(row: local.entry.row, indexRow: self.local.index.rows[local.entry.id]).name
    let incoming = ThreadNaming(session.packaged).name
    var warnings: [SessionWarning] = []
    if let incoming, incoming != own { warnings.append(.init(.metadataDiffers, "name: \(incoming)")) }
    if session.isArchived != local.entry.head.isArchived {
      warnings.append(.init(.metadataDiffers, session.isArchived ? "archived there" : "archived here"))
    }
    return warnings
  }

  /// The title of a thread beside another one, with a suffix that says where it came from.
  func branchName(_ session: IncomingSession, _ classification: Classification) -> String {
    let package = planner.package
    let from =
      package.title ?? package.lineage?.machine ?? package.sourceHome.map {
        FilePath($0).lastComponent?.string ?? $0
      }
      ?? "another machine"
    var title = SettingWord.cleaned(session.title)
    if title.hasSuffix(")"), let range = title.range(of: " (branch from ") { title = String(title[..<range]) }
    return classification == .divergedLineage ? "\(title) (branch from \(from))" : "\(title) (from \(from))"
  }

  func indexLine(_ id: ThreadID, _ name: String?, _ time: String) -> String? {
    guard let name, local.index.rows[id]?["thread_name"]?.string != name else { return nil }
    return String(decoding: SessionIndex.row(id, name: name, updatedAt: time).bytes, as: UTF8.self)
  }

  /// The thread's own tools, for catalogues that keep them in a table; of two with one position the last counts.
  ///
  /// One that Codex could not read would keep it from opening the thread, so it is left out.
  func dynamicTools(
    _ session: IncomingSession, _ id: ThreadID, _ catalogue: StateSnapshot
  ) -> [RowChange] {
    let columns = Set(catalogue.dynamicToolColumns)
    guard columns.contains("position") else { return [] }
    var rows: [Int64: JSONValue] = [:]
    for tool in session.packaged.dynamicTools {
      guard let position = tool["position"]?.integer, (0..<10_000).contains(position),
        let name = tool["name"]?.string, SettingWord.isPlain(name)
      else { continue }
      let schema = tool["input_schema"]?.string ?? "{}"
      guard (try? JSONText(Array(schema.utf8)))?.root.kind == .object else { continue }
      var row: JSONValue = [
        "thread_id": .string(id.text), "position": .integer(position), "name": .string(name),
        "description": .string(SettingWord.cleaned(tool["description"]?.string ?? "")),
        "input_schema": .string(schema),
        "defer_loading": .integer(tool["defer_loading"]?.integer == 1 ? 1 : 0),
      ]
      if let namespace = tool["namespace"]?.string, SettingWord.isPlain(namespace) {
        row["namespace"] = .string(namespace)
      }
      rows[position] = .object((row.members ?? []).filter { columns.contains($0.key) })
    }
    return rows.sorted { $0.key < $1.key }.map { position, row in
      RowChange(
        table: "thread_dynamic_tools", key: ["thread_id": .string(id.text), "position": .integer(position)],
        before: nil, after: row)
    }
  }
}

extension ThreadNaming {
  init(_ session: PackagedSession) { self.init(row: session.row, indexRow: session.indexRow) }
}

extension String {
  /// The start of the first occurrence of `part`.
  fileprivate func range(of part: String) -> String.Index? { firstRange(of: part)?.lowerBound }
}

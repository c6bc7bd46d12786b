import DurableFiles
import Journal
import SystemPackage

/// What is in the program's own folder.
struct JournalState {
  /// Transactions that a crash left open.
  let open: [String]
  /// Files that nobody needs any more, and folders that are no transaction.
  let litter: [String]

  init(_ home: FilePath) throws {
    let own = home.appending("session-sync")
    let journal = Journal(root: own.appending("journal"))
    open = try journal.survey().open.map(\.id)
    var litter = try Folder.names(in: own).filter { !Self.own.contains($0) }
    var kept: Set<String> = []
    for id in try journal.ids() {
      guard let transaction = try journal.manifest(id) else {
        litter.append(id)
        continue
      }
      var wanted: Set = ["manifest.json", "operations.jsonl", "notes.json"]
      if transaction.status != .abandoned {
        let contents = try journal.keptContents(of: id)
        wanted.formUnion(contents.map(\.name))
        kept.formUnion(contents.map(\.sha256))
      }
      litter += try Folder.names(in: journal.folder(of: id)).filter { !wanted.contains($0) }.map {
        "\(transaction.status) \(id)/\($0)"
      }
    }
    litter += try Folder.names(in: journal.kept).filter { !kept.contains($0) }
    self.litter = litter
  }

  private static let own: Set = ["journal", "lock", "origin", "sidecar.sqlite", "sidecar.sqlite-journal"]
}

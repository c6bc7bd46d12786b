import ArgumentParser
import CanonicalJSON
import CodexHome
import Journal
import SessionSync
import SystemPackage

struct ListTransactionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list-transactions",
    abstract: "What was done here, newest first.",
    discussion: """
      Examples:
        codex-session-sync list-transactions
        codex-session-sync list-transactions --limit 5 --brief --json
      """)

  @Option(help: "At most this many.")
  var limit: Int?

  @Flag(help: "With --json, without what each did in detail: show-transaction has it.")
  var brief = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    if let limit, limit < 0 {
      throw Failure.usage("--limit \(limit) is less than none.", hint: "For example --limit 5.")
    }
    let home = try common.openHome()
    var transactions: [(transaction: Transaction, kept: Int64)] = []
    do throws(SyncError) {
      let log = TransactionLog(home: home)
      for transaction in try log.list(limit: limit) {
        transactions.append((transaction, try log.kept(by: transaction)))
      }
    } catch {
      throw Failure(error)
    }
    if common.json {
      Output.line(Report.transactions(transactions, home: home.root.string, isBrief: brief).bytes)
    } else if common.quiet {
      transactions.map(\.transaction.id).forEach(Output.print)
    } else if transactions.isEmpty {
      Output.print("Nothing was done here yet.")
    } else {
      var table = Table(["TRANSACTION", "WHEN (UTC)", "COMMAND", "STATUS", "KEEPS", "WHAT"])
      for (transaction, kept) in transactions {
        table.add([
          .init(transaction.id), .init(String(transaction.createdAt.prefix(16))), .init(transaction.command),
          .init(transaction.status.rawValue),
          .init(transaction.isForgotten ? "forgotten" : kept == 0 ? "" : Wording.bytes(kept)),
          .init(Wording.what(transaction)),
        ])
      }
      table.lines(common.style).forEach(Output.print)
    }
  }
}

struct ShowTransactionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show-transaction",
    abstract: "One transaction, operation by operation.",
    discussion: """
      Examples:
        codex-session-sync show-transaction 01a20505-323f-76a3-b4ba-262d7472f4a5
        codex-session-sync show-transaction 01a20505-323f-76a3-b4ba-262d7472f4a5 --json
      """)

  @Argument(help: ArgumentHelp("The transaction's id.", valueName: "id"))
  var id: String

  @OptionGroup var common: CommonOptions

  func run() throws {
    let home = try common.openHome()
    let shown: (transaction: Transaction, operations: [Operation], kept: Int64)
    do throws(SyncError) { shown = try TransactionLog(home: home).show(id) } catch { throw Failure(error) }
    if common.json {
      Output.line(Report.transaction(shown, home: home.root.string).bytes)
      return
    }
    if common.quiet { return Output.print(shown.transaction.id) }
    Output.print(
      "\(shown.transaction.command), \(shown.transaction.createdAt), \(shown.transaction.status.rawValue)")
    if shown.kept > 0 { Output.print("  keeps \(Wording.bytes(shown.kept)) for its undoing") }
    for thread in shown.transaction.threadFates {
      let title = DisplayWidth.fit(title: thread.title ?? "", 40)
      let since = Wording.text(thread.fate).map { " (\($0))" } ?? ""
      Output.print("  \(thread.action) \(title): thread \(thread.thread)\(since)")
    }
    for operation in shown.operations {
      let json = operation.json
      let what =
        json["path"]?.string ?? json["rollout"]?.string
        ?? json["key"].map { "\(json["table"]?.string ?? "") \(String(decoding: $0.bytes, as: UTF8.self))" }
        ?? ""
      Output.print("  \(json["op"]?.string ?? "") \(what)")
    }
  }
}

struct RecoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Finish or undo what a crash left.",
    discussion: """
      Writing commands do this by themselves.

      Examples:
        codex-session-sync recover
        codex-session-sync recover --json
      """)

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let home = try common.openHome()
    let settled = try common.withSurroundings { surroundings in
      try waiting.patiently { () throws(SyncError) in
        try Recover(home: home, watch: surroundings.watch).run()
      }
    }
    defer {
      let told = settled.map { "\($0.transaction.id) \(Wording.text($0.outcome))" }
      Output.confirm(told.isEmpty ? nil : told.joined(separator: ", "))
    }
    if common.json {
      Output.line(Report.recovery(settled, home: home.root.string).bytes)
    } else if settled.isEmpty {
      if !common.quiet { Output.print("Nothing to recover.") }
    } else {
      for (transaction, outcome) in settled {
        Output.print(common.quiet ? transaction.id : "\(transaction.id) \(Wording.text(outcome))")
      }
    }
  }
}

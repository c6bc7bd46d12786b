import CanonicalJSON
import SyncTestSupport
import SystemPackage

/// One command on one home.
struct Scenario: Sendable {
  let name: String
  /// What the program says where the command has been carried out already; nil where it just has nothing to do.
  var doneCode: String?
  /// Makes home and package on an empty stage.
  let prepare: @Sendable (Stage) throws -> Void
  /// The command, once everything is prepared.
  let command: @Sendable (Stage) throws -> [String]

  /// A delivery; not the first one that the home gets, but for where that is wanted.
  static func sync(
    _ name: String, _ options: [String] = [], isFirst: Bool = false, hasCatalogue: Bool = true,
    journalMode: String = "wal",
    home: @escaping @Sendable (HomeBuilder) throws -> Void = { _ in },
    package: @escaping @Sendable (inout PackageBuilder) throws -> Void
  ) -> Scenario {
    Scenario(name: name) { stage in
      let builder = try HomeBuilder(stage.home, hasCatalogue: hasCatalogue)
      if hasCatalogue {
        // Codex keeps its databases in this mode.
        for database in ["state_5.sqlite", "thread_history_1.sqlite"] {
          try builder.setJournalMode(journalMode, of: database)
        }
      }
      // A thread that nothing is delivered for.
      try builder.add(Sample.talk("else", thread: Sample.thread(90)))
      try home(builder)
      var packed = try PackageBuilder(stage.package)
      try package(&packed)
      try packed.write()
      if isFirst { return }
      let earlier = stage.folder.appending("earlier")
      try PackageBuilder(earlier, [Sample.talk("earlier", thread: Sample.thread(91))]).write()
      try expectDone(try stage.run(["sync", earlier.string, "--execute"]), name)
    } command: { stage in
      ["sync", stage.package.string, "--execute"] + options
    }
  }

  /// The undoing of a delivery.
  var undone: Scenario { undoing(of: self, name: "rollback of \(name)") }
  /// The undoing of an undoing.
  var redone: Scenario { undoing(of: undone, name: "rollback of a rollback of \(name)") }

  /// The undoing of a command.
  ///
  /// - Parameters:
  ///   - options: more options of `rollback`.
  ///   - age: how many transactions are newer than the one to be undone.
  ///   - meanwhile: what happens to the home in between.
  func undoing(
    of scenario: Scenario, name: String, _ options: [String] = [], age: Int = 0,
    meanwhile: @escaping @Sendable (Stage) throws -> Void = { _ in }
  ) -> Scenario {
    Scenario(name: name, doneCode: "not_undoable") { stage in
      try scenario.prepare(stage)
      try Self.expectDone(try stage.run(try scenario.command(stage)), scenario.name)
      try meanwhile(stage)
    } command: { stage in
      let listed = try stage.run(["list-transactions", "--json"]).json?["transactions"]?.array ?? []
      guard let id = listed.dropFirst(age).first?["transaction_id"]?.string else {
        throw Broken("no transaction is listed")
      }
      return ["rollback", "--transaction-id", id, "--execute"] + options
    }
  }

  /// The recovery from a command that was killed when it had come so far with Codex's files and rows.
  func recovered(from percent: Int) -> Scenario {
    Scenario(name: "recover, \(percent) % through \(name)") { stage in
      try prepare(stage)
      let command = try command(stage)
      try stage.save(.crashed)
      let points = try stage.count(command).points.filter { !$0.path.contains("/session-sync/") }
      try stage.restore(.crashed)
      let outcome = try stage.run(command, .kill(points[points.count * percent / 100].number))
      guard outcome.isKilled else { throw Broken("did not die: \(outcome.text)") }
    } command: { _ in
      ["recover"]
    }
  }

  static func expectDone(_ outcome: Outcome, _ name: String) throws {
    guard outcome.status == 0 else { throw Broken("cannot prepare \(name): \(outcome.text)") }
  }
}

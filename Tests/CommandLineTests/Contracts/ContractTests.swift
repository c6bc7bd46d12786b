import Lineage
import SessionSync
import Sidecar
import SyncTestSupport
import SystemPackage
import Testing

/// Documents that say what the program is say what it is.
struct ContractTests {
  private static let references = "skills/codex-session-sync/references/"

  @Test func theShapeOfTheCommandLine() throws {
    try Contract.whole(
      Self.references + "cli-shape.md", title: "The command line", CommandShape().markdown
    ).check()
  }

  @Test func whatIsSaidInWords() throws {
    try Contract.whole(
      Self.references + "messages.md", title: "What the program says when something is in the way",
      MessageTable().markdown()
    ).check()
  }

  @Test func theDecisionMatrix() throws {
    try Contract.whole(
      Self.references + "conflict-decision-matrix.md", title: "What a session is, and what is done with it",
      DecisionMatrix.markdown + Self.more
    ).check()
  }

  @Test func whatCodexReadsWhenItOpensAThread() throws {
    try Contract.whole(
      "docs/opening-keys.md", title: "What Codex reads when it opens a thread", OpeningKeyTable.markdown
    ).check()
  }

  @Test func theSchemaOfTheSidecar() throws {
    try Contract.whole(
      Self.references + "sync-sidecar-schema.md", title: "The tables of the sidecar",
      """
      `$CODEX_HOME/session-sync/sidecar.sqlite`, as the migrations make it. It is an index: never change it by hand, \
      `rebuild-sidecar` makes it anew.

      ```sql
      \(try Sidecar.tables().joined(separator: ";\n\n"));
      ```

      """
    ).check()
  }

  @Test func theExampleOfTheLibrary() throws {
    let code = try Program.repository.pushing("Examples/inspect-example/InspectExample.swift").text()
    try Contract.part("docs/library-example.md", "example", "```swift\n\(code)```\n").check()
  }

  @Test func theFormOfAnswers() throws {
    let schema = try ReportSchema(Program.repository.pushing("docs/report.schema.json"))
    try Contract.part("docs/formats.md", "reports", ReportTables(schema: schema).markdown).check()
    func expect<Word: CaseIterable & RawRepresentable<String>>(_ words: Word.Type, _ keys: String...) {
      #expect(schema.values(keys) == words.allCases.map(\.rawValue), "\(keys)")
    }
    expect(Classification.self, "classification")
    expect(ClassificationDetail.self, "detail")
    expect(Blocker.Code.self, "blocker", "properties", "code")
    expect(SessionWarning.Code.self, "warning", "properties", "code")
    expect(SessionPlan.Action.self, "session", "properties", "action")
    expect(HealthReport.Check.self, "sidecar-health", "properties", "checks", "items", "properties", "check")
  }

  private static let more = """

    A session may also be *blocked* (`action`: `blocked`), whatever it is: Codex has the thread open (`busy`), the base \
    of a fork is missing (`incomplete_lineage`), a file is damaged or unsafe, its format is not that of the thread here \
    (`history_mode_mismatch`), or the Codex here is too old for it (`unsupported_by_local_codex`). The others go on.

    """
}

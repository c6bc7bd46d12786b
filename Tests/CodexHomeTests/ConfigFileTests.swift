import CanonicalJSON
import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@testable import CodexHome

/// What Codex 0.133.0, 0.149.0 and 0.163.0 take, and what they refuse, as it was tried with the binaries.
struct ConfigFileTests {
  private func read(_ text: String) throws -> JSONValue { try ConfigFile.parse(Array(text.utf8)) }

  @Test(arguments: [
    ("x = {\n a = 1,\n b = 2\n}", #"{"a":1,"b":2}"#), ("x = {a = 1,}", #"{"a":1}"#),
    ("x = { # why\n a = 1, # \"}\n}", #"{"a":1}"#), ("x = {}", "{}"), ("x = {\n}", "{}"),
    ("x = {a = {\nb = [1,\n2,],\n},}", #"{"a":{"b":[1,2]}}"#), ("x = {a\n= 1}", #"{"a":1}"#),
    ("x = {a =\n1}", #"{"a":1}"#), ("x = {\r\na = 1,\r\n}", #"{"a":1}"#),
    ("x = [{a = 1,\n},{b = 2}]", #"[{"a":1},{"b":2}]"#),
    ("x = {a.b = 1, a.c = 2}", #"{"a":{"b":1,"c":2}}"#),
    ("x = {a = '''\n}\n''',}", #"{"a":"}\n"}"#), (#"x = "\e[0m""#, #""\u001b[0m""#),
    (#"x = "\x41\x7a\xe9""#, #""Azé""#), ("x = \"\"\"a\\e\\x41\n\"\"\"", #""a\u001bA\n""#),
    (#"x = "\\e \\x41""#, #""\\e \\x41""#), (#"x = '\e'"#, #""\\e""#),
    ("x = 07:32", "null"), ("x = 1979-05-27T07:32Z", "null"), ("x = 1979-05-27 07:32-07:30", "null"),
    ("x = 1979-05-27T07:32:10+07:30", "null"), ("x = [07:32, 08:00]", "[null,null]"),
    ("\u{FEFF}x = 1", "1"), ("x = 1\r\ny = 2\r\n", "1"), ("x\t=\t1 # c", "1"), ("\"x\" = 1_000", "1000"),
    ("x = \"\"\"\"a\"\"\"\"\"", #""\"a\"\"""#), ("x = \"\"\"a\\\n   b\"\"\"", #""ab""#),
    (#"x = "12:30 # {""#, #""12:30 # {""#),
  ])
  func whatCodexReadsIsRead(_ text: String, _ wanted: String) throws {
    let value = try #require(try read(text)["x"])
    #expect(String(decoding: value.bytes, as: UTF8.self) == wanted)
  }

  @Test(arguments: [
    ("a = ", 1), ("[broken", 1), ("a = 1\na = 2", 2), ("\n\n= 3", 3), ("a = 1\n][", 2), ("x = {,}", 1),
    ("x = {a = 1,,}", 1), ("x = {\n a = 1,\n b = = 2\n}", 3), ("x = {\n a = 1\n}\ny = = 1", 4),
    // Told where the table begins, a line behind its header.
    ("x = {a = 1}\n[x.b]\ny = 1", 3), ("ü = 1", 1), ("x = 1\ry = 2", 1), ("# \u{1}", 1),
    ("x = \"\u{0}\"", 1), ("y = 1\n# \u{0}", 2), ("x = 07:32.5", 1), (#"x = "\xZ1""#, 1),
    ("x = 2021-02-30", 1), ("a+b = 1", 1), ("x = 0x1p3", 1), ("é = 1\n", 1),
    ("x = {\"é\" = = 1}", 1), ("s = \"é\"\nt = {a = \"é\",\nb = é}", 3), ("x = \"a\nb\"", 1),
  ])
  func whatCodexRefusesIsRefusedWithItsLine(_ text: String, _ line: Int) throws {
    let defect = try #require(#expect(throws: ConfigDefect.self) { try read(text) })
    #expect(defect.line == line, "\(defect)")
    #expect(!defect.reason.isEmpty)
  }

  @Test func whatIsNoUTF8IsRefusedWithItsLine() throws {
    let defect = try #require(
      #expect(throws: ConfigDefect.self) { try ConfigFile.parse(Array("a = 1\n# ".utf8) + [0xFF, 0x0A]) })
    #expect(defect.line == 2)
  }

  @Test func aBrokenFileIsNamedAndWhatDoesNotNeedItGoesOn() throws {
    try withTemporaryFolder { folder in
      let path = try folder.put("config.toml", "model = \"m\"\noops = = 1\n")
      let home = try CodexHome(folder, sqliteHome: nil)
      let error = try #require(#expect(throws: CodexHomeError.self) { try home.config() })
      guard case .config(let found, let defect) = error else { throw error }
      #expect(found == path && defect.line == 2)
      #expect(throws: CodexHomeError.self) { try home.databases() }
      #expect(throws: CodexHomeError.self) { try home.stateDatabase() }
      _ = home.survey()
    }
  }
}

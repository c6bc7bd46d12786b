import CanonicalJSON
import SyncTestSupport
import SystemPackage

/// The commands as the parser knows them, as Markdown.
struct CommandShape {
  private let root: JSONValue

  /// Asks the program.
  init() throws {
    root = try withTemporaryFolder { folder in
      let output = try Program.run(["--experimental-dump-help"], in: folder).output
      return try JSONValue(parsing: Array(output.utf8))["command"] ?? .null
    }
  }

  var commands: [JSONValue] {
    (root["subcommands"]?.array ?? []).filter { $0["commandName"] != "help" }
  }

  /// Exit codes, the options of every command, and each command's own.
  var markdown: String {
    let common = arguments(of: commands.first).filter(isCommon)
    var parts = [
      root["discussion"]?.string ?? "",
      "## Options of every command\n\n" + table(common),
    ]
    for command in commands {
      let own = arguments(of: command).filter { !isCommon($0) }
      parts.append(
        "## `\(usage(command))`\n\n\(command["abstract"]?.string ?? "")"
          + (own.isEmpty ? "" : "\n\n" + table(own)))
    }
    return parts.map { $0.replacing("\nExit codes:\n", with: "\n## Exit codes\n\n") }.map(fenced)
      .joined(separator: "\n\n") + "\n"
  }

  private func isCommon(_ argument: JSONValue) -> Bool {
    commands.allSatisfy { arguments(of: $0).contains(argument) }
  }

  private func arguments(of command: JSONValue?) -> [JSONValue] { command?["arguments"]?.array ?? [] }

  private func usage(_ command: JSONValue) -> String {
    let positional = arguments(of: command).filter { $0["kind"] == "positional" }.map { argument in
      let name = "<\(argument["valueName"]?.string ?? "")>" + (argument["isRepeating"] == true ? " …" : "")
      return argument["isOptional"] == true ? "[\(name)]" : name
    }
    return ([command["commandName"]?.string ?? ""] + positional).joined(separator: " ")
  }

  private func table(_ arguments: [JSONValue]) -> String {
    let rows = arguments.map { argument in
      let help = [argument["abstract"]?.string, argument["discussion"]?.string].compactMap(\.self)
        .joined(separator: " ")
      let values = argument["allValues"]?.array?.compactMap(\.string).joined(separator: ", ")
      let standard = argument["defaultValue"]?.string.map { " (\($0) unless given)" } ?? ""
      return "| \(words(argument)) | \(help)\(values.map { " One of: \($0)." } ?? "")\(standard) |"
    }
    return (["| argument | what it says |", "| --- | --- |"] + rows).joined(separator: "\n")
  }

  private func words(_ argument: JSONValue) -> String {
    let value = "<\(argument["valueName"]?.string ?? "")>"
    if argument["kind"] == "positional" { return "`\(value)`" }
    let names = (argument["names"]?.array ?? []).compactMap { name -> String? in
      name["name"]?.string.map { (name["kind"] == "short" ? "-" : "--") + $0 }
    }
    let isFlag = argument["kind"] == "flag"
    let repeated = argument["isRepeating"] == true ? " …" : ""
    return names.map { "`\($0)\(isFlag ? "" : " \(value)\(repeated)")`" }.joined(separator: ", ")
  }

  /// Indented lines are a block of their own in Markdown.
  private func fenced(_ text: String) -> String {
    var lines: [String] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isIndented = line.hasPrefix("  ")
      if isIndented != isInside { lines.append(isIndented ? "```text" : "```") }
      isInside = isIndented
      lines.append(String(isIndented ? line.dropFirst(2) : line[...]))
    }
    return (lines + (isInside ? ["```"] : [])).joined(separator: "\n")
  }
}

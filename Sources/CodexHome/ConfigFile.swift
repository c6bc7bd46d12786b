import CanonicalJSON
import DurableFiles
import SystemPackage
import TOMLKit

/// One file of Codex's configuration, as a JSON object.
///
/// Dates and times, of which Codex uses none, read as null.
enum ConfigFile {
  /// Reads a file, which many keep as a symbolic link to another place; empty where there is none.
  static func read(_ path: FilePath) throws(CodexHomeError) -> JSONValue {
    let bytes = try withFiles { () throws(FileError) in
      try FileReading.bytesIfPresent(of: path, followingLinks: true)
    }
    do throws(ConfigDefect) {
      return try parse(bytes ?? [])
    } catch {
      throw .config(path, error)
    }
  }

  /// Reads TOML, as far as Codex does: in UTF-8, version 1.1.
  static func parse(_ bytes: [UInt8]) throws(ConfigDefect) -> JSONValue {
    // The parser would take what is behind a NUL for the end.
    for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      guard String(validating: line, as: UTF8.self) != nil, !line.contains(0) else {
        throw ConfigDefect(line: number + 1, reason: "it is no text in UTF-8")
      }
    }
    let text = NewerTOML(bytes)
    do {
      return json(try TOMLTable(string: String(decoding: text.text, as: UTF8.self)))
    } catch let error as TOMLParseError {
      let place = error.source.begin
      throw ConfigDefect(
        line: text.sourceLine(line: place.line, column: place.column), reason: error.description)
    } catch {
      throw ConfigDefect(line: 1, reason: "\(error)")
    }
  }

  private static func json(_ table: TOMLTable) -> JSONValue {
    .object(table.keys.sorted().map { JSONValue.Member($0, table[$0].map(json) ?? .null) })
  }

  private static func json(_ value: any TOMLValueConvertible) -> JSONValue {
    if let table = value.table { return json(table) }
    if let array = value.array { return .array(array.map(json)) }
    return value.string.map(JSONValue.string) ?? value.bool.map(JSONValue.bool)
      ?? value.int.map { .integer(Int64($0)) } ?? .null
  }
}

/// Why a configuration cannot be read.
public struct ConfigDefect: Error, Hashable, Sendable {
  /// The line it begins in, from 1.
  public let line: Int
  /// What is wrong, in the parser's words.
  public let reason: String

  /// Describes a defect.
  public init(line: Int, reason: String) {
    self.line = line
    self.reason = reason
  }
}

extension JSONValue {
  /// This table with what another one, which is asked first, says otherwise; tables in both are joined.
  func overlaid(by upper: JSONValue) -> JSONValue {
    guard members != nil, let added = upper.members else { return upper }
    return added.reduce(into: self) { table, member in
      table[member.key] = table[member.key]?.overlaid(by: member.value) ?? member.value
    }
  }
}

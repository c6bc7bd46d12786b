import CanonicalJSON
import SystemPackage

/// `docs/report.schema.json`, and what of it an answer breaks.
///
/// Of JSON Schema only what that file uses. Stricter in one point: a key that is not declared is a mistake, because
/// whoever adds one has to declare it.
public struct ReportSchema {
  private let root: JSONValue

  /// Reads the schema.
  public init(_ path: FilePath) throws {
    root = try JSONValue(parsing: Array(path.text().utf8))
  }

  /// What is wrong with an answer, each with its place; nothing where it is as it should be.
  public func mistakes(in answer: JSONValue) -> [String] {
    guard answer["error"] == nil else { return mistakes(answer, definition("failure"), "answer") }
    guard let command = answer["command"]?.string else { return ["answer: no command"] }
    return mistakes(answer, definition(command == "inspect-package" ? "sync" : command), "answer")
  }

  /// The form of each command's answer.
  public var reports: [(commands: String, form: JSONValue)] {
    definitions.compactMap { member in
      guard let command = member.value["properties"]?["command"], member.value["properties"]?["schema"] != nil
      else { return nil }
      let names = (command["enum"]?.array ?? [command["const"] ?? .null]).compactMap(\.string)
      return (names.map { "`\($0)`" }.joined(separator: ", "), member.value)
    }
  }

  /// All definitions.
  public var definitions: [JSONValue.Member] { root["$defs"]?.members ?? [] }

  /// What a form refers to, its null left out.
  public func resolved(_ form: JSONValue) -> JSONValue {
    if let reference = form["$ref"]?.string {
      return resolved(definition(String(reference.dropFirst("#/$defs/".count))))
    }
    return form["anyOf"]?.array?.first.map(resolved) ?? form
  }

  /// The values that a definition's enumeration lists, by the keys that lead to it.
  public func values(_ keys: [String]) -> [String] {
    keys.reduce(root["$defs"]) { $0?[$1] }?["enum"]?.array?.compactMap(\.string) ?? []
  }

  private func definition(_ name: String) -> JSONValue { root["$defs"]?[name] ?? ["not": true] }

  private func mistakes(_ value: JSONValue, _ schema: JSONValue, _ place: String) -> [String] {
    if let reference = schema["$ref"]?.string {
      return mistakes(value, definition(String(reference.dropFirst("#/$defs/".count))), place)
    }
    if let choices = schema["anyOf"]?.array {
      let found = choices.map { mistakes(value, $0, place) }
      return found.contains([]) ? [] : found.first ?? []
    }
    if let constant = schema["const"] { return value == constant ? [] : ["\(place): \(value.text)"] }
    if let values = schema["enum"]?.array { return values.contains(value) ? [] : ["\(place): \(value.text)"] }
    switch schema["type"]?.string {
    case "null": return value == .null ? [] : ["\(place): \(value.text) is not null"]
    case "boolean": return [.bool(true), .bool(false)].contains(value) ? [] : ["\(place): no boolean"]
    case "integer":
      guard let number = value.integer, number >= 0 else { return ["\(place): \(value.text) is no count"] }
      return []
    case "string": return textMistakes(value, schema, place)
    case "array":
      guard let items = value.array else { return ["\(place): no array"] }
      return items.enumerated().flatMap { mistakes($1, schema["items"] ?? [:], "\(place)[\($0)]") }
    case "object": return memberMistakes(value, schema, place)
    default: return ["\(place): the schema says nothing of it"]
    }
  }

  private func textMistakes(_ value: JSONValue, _ schema: JSONValue, _ place: String) -> [String] {
    guard let text = value.string else { return ["\(place): \(value.text) is no text"] }
    guard let pattern = schema["pattern"]?.string else { return [] }
    let matches = (try? Regex(pattern).wholeMatch(in: text)) != nil
    return matches ? [] : ["\(place): \(text)"]
  }

  private func memberMistakes(_ value: JSONValue, _ schema: JSONValue, _ place: String) -> [String] {
    guard let members = value.members else { return ["\(place): no object"] }
    let keys = Set(members.map(\.key))
    let missing = (schema["required"]?.array ?? []).compactMap(\.string).filter { !keys.contains($0) }
    let isOpen = schema["properties"] == nil || schema["additionalProperties"] == .bool(true)
    return missing.map { "\(place): \($0) is missing" }
      + members.flatMap { member -> [String] in
        let inner = "\(place).\(member.key)"
        guard let declared = schema["properties"]?[member.key] else {
          return isOpen ? [] : ["\(inner): not declared"]
        }
        return mistakes(member.value, declared, inner)
      }
  }
}

extension JSONValue {
  fileprivate var text: String { String(decoding: bytes.prefix(200), as: UTF8.self) }
}

import CanonicalJSON
import DurableFiles
import SystemPackage
import Testing

@testable import Journal

struct JournalJSONTests {
  private static let content = Operation.Content(
    name: "content-1", sha256: String(repeating: "a", count: 64), size: 9)
  private static let extent = Operation.Extent(
    start: 5, content: content, modifiedWithout: FileTime(seconds: 1, nanoseconds: 2),
    modifiedWith: FileTime(seconds: -3, nanoseconds: 4))
  private static let operations: [Operation] = [
    .makeFolder("/a"), .removeFolder("/a"), .placeFile("/a/b", content), .takeFile("/a/b", content),
    .append("/a/b", extent), .cut("/a/b", extent), .moveFile("/a/b", to: "/a/c"),
    .addLine("/a", "a \"line\"\u{2028}"),
    .dropLine("/a", ""), .forgetDerived(rollout: "r"),
    .row(RowChange(table: "t", key: ["id": "1"], before: nil, after: ["a": 1, "b": .null])),
    .row(RowChange(table: "t", key: ["id": "1"], before: ["a": 1], after: nil)),
    .row(RowChange(table: "t", key: ["id": "1"], before: [:], after: ["a": .number("0.5")])),
  ]

  @Test(arguments: operations)
  func anOperationReadsAsItWasWritten(_ operation: Operation) throws {
    #expect(Operation(try JSONValue(parsing: operation.json.bytes)) == operation)
  }

  @Test(arguments: operations)
  func anOperationIsOneLine(_ operation: Operation) {
    #expect(!operation.json.bytes.contains(0x0A))
  }

  @Test(arguments: operations)
  func anOperationThatLacksAFieldIsNone(_ operation: Operation) throws {
    for member in try #require(operation.json.members) where !["before", "after"].contains(member.key) {
      var json = operation.json
      json[member.key] = nil
      #expect(Operation(json) == nil, "\(member.key)")
    }
  }

  @Test(arguments: ["../x", "a/b", "/etc/x", "", ".", "..", "a\\b", "a\u{0}"])
  func contentIsNeverOutsideTheTransactionsFolder(_ name: String) {
    var json = Operation.placeFile("/a", Self.content).json
    json["content"]?["name"] = .string(name)
    #expect(Operation(json) == nil)
  }

  @Test func anUnknownOperationIsNone() {
    #expect(Operation(["op": "erase_everything", "path": "/"]) == nil)
    #expect(Operation([]) == nil)
  }

  @Test(
    arguments: [Transaction.Status.prepared, .applied, .committed, .abandoned],
    [[], ["another"], ["two", "one"]])
  func aTransactionReadsAsItWasWritten(_ status: Transaction.Status, _ undoes: [String]) throws {
    var written = Transaction(
      id: "an id", createdAt: "2026-11-22T00:00:00Z", command: "sync", planDigest: undoes.first,
      details: ["a": [1, .null]],
      undoes: undoes)
    written.status = status
    #expect(Transaction(try JSONValue(parsing: written.json.bytes)) == written)
  }

  @Test(arguments: ["format_version", "transaction_id", "status", "created_at", "command"])
  func aManifestThatLacksAFieldIsNone(_ field: String) {
    var json = Transaction(id: "an id", createdAt: "", command: "sync", planDigest: nil, details: .null).json
    json[field] = nil
    #expect(Transaction(json) == nil)
    json[field] = "?"
    #expect(Transaction(json) == nil || ["transaction_id", "created_at", "command"].contains(field))
  }
}

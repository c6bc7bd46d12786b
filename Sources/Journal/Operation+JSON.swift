import CanonicalJSON
import DurableFiles
import SystemPackage

extension Operation {
  /// The operation as one line of `operations.jsonl`.
  public var json: JSONValue {
    switch self {
    case .makeFolder(let path, let top):
      .object(
        [.init("op", "make_folder"), .init("path", .string(path.string))]
          + (top.map { [.init("below", .string($0.string))] } ?? []))
    case .removeFolder(let path): ["op": "remove_folder", "path": .string(path.string)]
    case .placeFile(let path, let content):
      ["op": "place_file", "path": .string(path.string), "content": content.json]
    case .takeFile(let path, let content):
      ["op": "take_file", "path": .string(path.string), "content": content.json]
    case .append(let path, let extent): extent.json(op: "append", path)
    case .cut(let path, let extent): extent.json(op: "cut", path)
    case .moveFile(let path, let target):
      ["op": "move_file", "from": .string(path.string), "path": .string(target.string)]
    case .addLine(let path, let line):
      ["op": "add_line", "path": .string(path.string), "line": .string(line)]
    case .dropLine(let path, let line):
      ["op": "drop_line", "path": .string(path.string), "line": .string(line)]
    case .row(let change):
      [
        "op": "row", "table": .string(change.table), "key": change.key, "before": change.before ?? .null,
        "after": change.after ?? .null,
      ]
    case .forgetDerived(let rollout): ["op": "forget_derived", "rollout": .string(rollout)]
    }
  }

  /// Reads a line of `operations.jsonl`; nil where it is none.
  public init?(_ json: JSONValue, _ relocation: Relocation = Relocation()) {
    let path = json["path"]?.string.map { relocation.path(FilePath($0)) }
    let content = Content(json["content"])
    switch (json["op"]?.string, path) {
    case ("make_folder", let path?):
      self = .makeFolder(path, below: json["below"]?.string.map { FilePath($0) })
    case ("remove_folder", let path?): self = .removeFolder(path)
    case ("place_file", let path?):
      guard let content else { return nil }
      self = .placeFile(path, content)
    case ("take_file", let path?):
      guard let content else { return nil }
      self = .takeFile(path, content)
    case ("append", let path?):
      guard let extent = Extent(json) else { return nil }
      self = .append(path, extent)
    case ("cut", let path?):
      guard let extent = Extent(json) else { return nil }
      self = .cut(path, extent)
    case ("move_file", let path?):
      guard let from = json["from"]?.string else { return nil }
      self = .moveFile(relocation.path(FilePath(from)), to: path)
    case ("add_line", let path?):
      guard let line = json["line"]?.string else { return nil }
      self = .addLine(path, line)
    case ("drop_line", let path?):
      guard let line = json["line"]?.string else { return nil }
      self = .dropLine(path, line)
    case ("row", _):
      guard let table = json["table"]?.string, let key = json["key"] else { return nil }
      self = .row(
        RowChange(
          table: table, key: key, before: Self.columns(json["before"]), after: Self.columns(json["after"])))
    case ("forget_derived", _):
      guard let rollout = json["rollout"]?.string else { return nil }
      self = .forgetDerived(rollout: rollout)
    default: return nil
    }
  }

  /// The columns of a row; none where there was no row.
  private static func columns(_ json: JSONValue?) -> JSONValue? {
    json == .some(.null) ? .none : json
  }
}

extension Operation.Content {
  var json: JSONValue {
    var json: JSONValue = ["name": .string(name), "sha256": .string(sha256), "size": .integer(size)]
    if let mode { json["mode"] = .integer(Int64(mode.bits)) }
    return json
  }

  /// What a file may have, in bytes: a number beyond is none that was measured, and could not be counted with.
  fileprivate static let sizes = 0...Int64(1) << 53

  init?(_ json: JSONValue?) {
    guard let name = json?["name"]?.string, let sha256 = json?["sha256"]?.string,
      let size = json?["size"]?.integer, Self.sizes.contains(size),
      ConfinedPath(name)?.components.count == 1
    else { return nil }
    let mode = json?["mode"]?.integer.flatMap(UInt32.init(exactly:)).map(AccessMode.init(bits:))
    self.init(name: name, sha256: sha256, size: size, mode: mode)
  }
}

extension Operation.Extent {
  func json(op: String, _ path: FilePath) -> JSONValue {
    [
      "op": .string(op), "path": .string(path.string), "start": .integer(start), "content": content.json,
      "modified_without": modifiedWithout.json, "modified_with": modifiedWith.json,
    ]
  }

  init?(_ json: JSONValue) {
    guard let start = json["start"]?.integer, Operation.Content.sizes.contains(start),
      let content = Operation.Content(json["content"]),
      let without = FileTime(json["modified_without"]), let with = FileTime(json["modified_with"])
    else { return nil }
    self.init(start: start, content: content, modifiedWithout: without, modifiedWith: with)
  }
}

extension FileTime {
  fileprivate var json: JSONValue { [.integer(seconds), .integer(nanoseconds)] }

  fileprivate init?(_ json: JSONValue?) {
    guard let parts = json?.array, parts.count == 2, let seconds = parts[0].integer,
      let nano = parts[1].integer, (0..<1_000_000_000).contains(nano)
    else { return nil }
    self.init(seconds: seconds, nanoseconds: nano)
  }
}

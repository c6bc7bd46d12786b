import CanonicalJSON
import DurableFiles
import Rollout
import SystemPackage

/// The steps of opening a package, and the warnings they gather.
struct PackageReading {
  let tree: PackageTree
  let limits: PackageLimits
  private var budget: MetadataBudget
  var warnings: [PackageWarning]

  init(_ tree: PackageTree, _ limits: PackageLimits) {
    self.tree = tree
    self.limits = limits
    budget = MetadataBudget(limits)
    warnings = tree.warnings
  }

  /// Reads a metadata file as a whole; nil where it is missing, or, with a warning, malformed.
  mutating func whole<Content>(
    _ path: String, _ parse: ([UInt8]) -> Content?
  ) throws(PackageError) -> Content? {
    guard let bytes = try bytes(path) else { return nil }
    if let content = parse(bytes) { return content }
    warnings.append(.malformedFile(path: path))
    return nil
  }

  /// Reads a metadata file, what it holds being within the budget; nil where it is missing.
  mutating func bytes(_ path: String) throws(PackageError) -> [UInt8]? {
    guard let bytes = try tree.bytes(path, limits) else { return nil }
    try budget.spend(bytes.span, at: path)
    return bytes
  }

  /// Reads the rows of a metadata file; none where it is missing.
  mutating func rows(_ path: String, key: String) throws(PackageError) -> [MetadataRows.Row] {
    let found = try MetadataRows(path, of: tree, key: key, &budget)
    warnings += found.warnings
    return found.rows
  }

  /// Reads the skills; one with a missing or changed file is left out.
  mutating func skills(_ checksums: PackageChecksums) throws(PackageError) -> [PackagedSkill] {
    var skills: [String: [PackagedSkill.File]] = [:]
    var digests: [String: FileChecksum] = [:]
    for (path, file) in tree.files(below: "skills") {
      let digest = try attempt { () throws(FileError) in try FileChecksum(of: file) }
      digests["skills/\(path)"] = digest
      guard let slash = path.firstIndex(of: "/"),
        let inner = ConfinedPath(String(path[path.index(after: slash)...]))
      else { continue }
      skills[String(path[..<slash]), default: []]
        .append(.init(path: inner, file: file, size: digest.size, sha256: digest.sha256))
    }
    var damaged: Set<String> = []
    for (path, digest) in checksums.files.sorted(by: { $0.key < $1.key }) where path.hasPrefix("skills/") {
      if digests[path] == digest { continue }
      warnings.append(.damagedSkill(path: path))
      damaged.formUnion(path.split(separator: "/").dropFirst().prefix(1).map(String.init))
    }
    return skills.filter { !damaged.contains($0.key) }
      .map { PackagedSkill(name: $0.key, files: $0.value) }
      .sorted { $0.name < $1.name }
  }

  /// Puts the sessions together.
  mutating func sessions(
    _ checksums: PackageChecksums, _ lineage: PackageLineage?
  ) throws(PackageError) -> [PackagedSession] {
    let rows = try rows(PackageLayout.threads, key: "id")
    let index = try self.rows(PackageLayout.index, key: "id")
    let tools = try self.rows(PackageLayout.dynamicTools, key: "thread_id")
    var shelf = try RolloutShelf(tree, checksums)
    let byThread = Dictionary(grouping: rows, by: \.threadID)
    var known: Set<ThreadID> = []
    let order = (rows.map(\.threadID) + shelf.threads).filter { known.insert($0).inserted }
    if order.count > limits.sessions {
      throw .overLimit(.sessions, limit: Int64(limits.sessions), entry: PackageLayout.threads)
    }
    let indexRows = Dictionary(index.map { ($0.threadID, $0.value) }) { _, last in last }
    let toolRows = Dictionary(grouping: tools, by: \.threadID)
    let doubled = [
      (PackageLayout.threads, rows), (PackageLayout.index, index), (PackageLayout.dynamicTools, tools),
    ]
    .flatMap { file, rows in
      rows.compactMap { row in
        row.doubledKey.map {
          (row.threadID, PackagedSession.Problem.doubledKey(file: file, line: row.line, key: $0))
        }
      }
    }
    let doubledKeys = Dictionary(grouping: doubled, by: \.0).mapValues { $0.map(\.1) }
    let sessions = order.map { id in
      let own = byThread[id] ?? []
      var (rollouts, problems) = shelf.take(id, rows: own)
      problems += doubledKeys[id] ?? []
      let filled = Set(lineage?.threads[id]?.filledColumns ?? [])
      let row = own.first.map { row in
        JSONValue.object((row.value.members ?? []).filter { !filled.contains($0.key) })
      }
      return PackagedSession(
        threadID: id, row: row, rollouts: rollouts, indexRow: indexRows[id],
        dynamicTools: (toolRows[id] ?? []).map(\.value), lineage: lineage?.threads[id], problems: problems)
    }
    warnings += shelf.warnings
    return sessions
  }
}

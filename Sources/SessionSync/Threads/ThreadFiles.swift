import CanonicalJSON
import CodexHome
import DurableFiles
import Rollout
import Sidecar
import SystemPackage

/// One thread of the home, its files not read yet.
struct LocalEntry: Sendable {
  let id: ThreadID
  /// Its rollouts, oldest first: of each rollout id the file that is in use.
  let rollouts: [HomeRollout]
  let head: HomeRollout
  /// Other files of its rollout ids, which Codex does not use.
  let copies: [HomeRollout]
  let row: JSONValue?
  /// Whether the head was chosen among several files without the catalogue's word.
  let isHeadGuessed: Bool
  /// Whether the row names no file, and there is only one that it can mean.
  let isMisplaced: Bool
  /// Whether the row names the head, by whatever path.
  let isNamed: Bool

  /// Whether the catalogue does not know it, and should.
  var isUnlisted: Bool { row == nil && !head.isPutAway }

  /// Why its head is not appended to, though Codex uses it; nil where it is a file like any other.
  ///
  /// In a name of another form than Codex gives, the journal would not find its thread again, unless it ends in the id;
  /// and a paginated thread in such a file is one that Codex lists and does not open (0.163.0).
  func foreignness(_ format: SessionMeta.Format) -> String? {
    if head.isOutside { return "outside_home" }
    if head.name.isOrdinary || format == .legacy && head.path.rolloutName?.thread == id { return nil }
    return "foreign_name"
  }

  /// The head's path as a row has it: a compressed file keeps its plain name there.
  var plainPath: FilePath { FilePath(head.path.string.dropSuffix(".zst")) }
}

/// Which files hold which thread: those that lie in the home's folders, and those that rows of the catalogue name.
///
/// Codex opens the file that a thread's row names, wherever that lies and however it is called; it writes the path
/// without links into the row (0.163.0). So paths are compared as files.
struct ThreadFiles {
  let survey: RolloutSurvey
  let entries: [ThreadID: LocalEntry]
  /// Folders whose disk is away: links that lead nowhere, and empty ones that rows name files in.
  let away: [FilePath]
  private let hidden: Hidden

  init(_ home: CodexHome, rows: [ThreadID: JSONValue], _ memory: Memory) {
    let survey = home.survey()
    self.survey = survey
    let realRoot = SymbolicLink.realPath(home.root) ?? home.root
    let found = Dictionary(survey.rollouts.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    var groups = Dictionary(grouping: survey.rollouts, by: \.name.thread)
    var named: [ThreadID: HomeRollout] = [:]
    var absent: [ThreadID: FilePath] = [:]
    for (id, row) in rows {
      guard let text = row["rollout_path"]?.string, !text.isEmpty else { continue }
      let path = FilePath(text)
      let isArchived = row["archived"]?.integer == 1
      // A compressed file keeps its plain name in the row.
      let known = found[path] ?? found[FilePath("\(text).zst")]
      guard var file = known ?? Self.file(path, id, groups[id] ?? [], isArchived, home.root, realRoot, survey)
      else {
        absent[id] = path
        continue
      }
      if file.name.thread != id {
        // A copy under another name, of which its content says whose it is.
        if (try? RolloutPeek(file.path))?.meta.id == id {
          groups[file.name.thread]?.removeAll { $0.path == file.path }
        }
        file = HomeRollout(
          path: file.path, name: RolloutName(foreign: file.name.text, thread: id),
          isArchived: file.isArchived, isOutside: file.isOutside)
      }
      if groups[id]?.contains(file) != true { groups[id, default: []].append(file) }
      named[id] = file
    }
    let mountPoints =
      absent.isEmpty
      ? [] : survey.empty.filter { Self.isMountPoint($0.path, depth: $0.depth, of: absent, memory) }
    away = survey.away + mountPoints.map(\.path)
    var entries: [ThreadID: LocalEntry] = [:]
    for (id, files) in groups {
      entries[id] = Self.entry(id, files, rows[id], named[id], isNamedAbsent: absent[id] != nil)
    }
    // What lies where nobody can look is not absent.
    hidden = Hidden(survey.unreadable.map(\.path) + away)
    for (id, path) in absent where hidden.holds(path) {
      let name = path.rolloutName.flatMap { $0.thread == id ? $0 : nil }
      let file = HomeRollout(
        path: path, name: name ?? RolloutName(foreign: path.lastComponent?.string ?? "", thread: id),
        isArchived: rows[id]?["archived"]?.integer == 1)
      entries[id] = Self.entry(id, (groups[id] ?? []) + [file], rows[id], file, isNamedAbsent: false)
    }
    self.entries = entries
  }

  /// Whether an empty folder, in which rows name files, is the mount point of a disk that is away.
  ///
  /// Files that were seen once tell: were they on the disk that the folder is on, they were lost. Of files that nobody
  /// saw an empty day says nothing, because a single lost file leaves one; nor does any folder of a home in which the
  /// last run saw others: it saw all that was there.
  private static func isMountPoint(
    _ folder: FilePath, depth: Int, of absent: [ThreadID: FilePath], _ memory: Memory
  ) -> Bool {
    let spellings = [folder, SymbolicLink.realPath(folder) ?? folder]
    let missing = absent.filter { _, path in spellings.contains { path.starts(with: $0) } }.keys
    if missing.isEmpty { return false }
    let devices = Set(missing.compactMap { memory.files(of: $0).first?.device })
    let device = ((try? FileStamp.ofTarget(folder)) ?? nil)?.device
    if devices.isEmpty { return depth < 3 && memory.notedThreads.isEmpty }
    return devices != Set([device].compactMap(\.self))
  }

  /// The file that a row names; nil where there is none, or none that can be looked at.
  ///
  /// - Parameter group: the thread's files in the home's folders.
  private static func file(
    _ path: FilePath, _ id: ThreadID, _ group: [HomeRollout], _ isArchived: Bool, _ root: FilePath,
    _ realRoot: FilePath, _ survey: RolloutSurvey
  ) -> HomeRollout? {
    guard path.isAbsolute else { return nil }
    for path in [path, FilePath("\(path).zst")] {
      guard let stamp = (try? FileStamp.ofTarget(path)) ?? nil, stamp.kind == .file,
        let last = path.lastComponent, last.string.hasSuffix(".jsonl") || last.string.hasSuffix(".jsonl.zst")
      else { continue }
      let same = group.first { ((try? FileStamp.of($0.path)) ?? nil)?.identity == stamp.identity }
      if let same { return same }
      let real = SymbolicLink.realPath(path) ?? path
      let name = real.rolloutName.flatMap { $0.thread == id ? $0 : nil }
      let folder = ((try? FileStamp.ofTarget(real.removingLastComponent())) ?? nil)?.identity
      // Of a file in a linked folder, or of a home behind a link, the home's own spelling of the path.
      var own = folder.flatMap(survey.folder)?.appending(real.components.suffix(1))
      var inner = real
      if own == nil, inner.removePrefix(realRoot) { own = root.appending(inner.components) }
      return HomeRollout(
        path: own ?? real,
        name: name ?? RolloutName(foreign: real.lastComponent?.string ?? "", thread: id),
        isArchived: isArchived, isOutside: own == nil)
    }
    return nil
  }

  private static func entry(
    _ id: ThreadID, _ files: [HomeRollout], _ row: JSONValue?, _ named: HomeRollout?, isNamedAbsent: Bool
  ) -> LocalEntry? {
    let files = files.sorted { ($0.name, $0.path.string) < ($1.name, $1.path.string) }
    guard let head = named ?? files.last else { return nil }
    var inUse: [ThreadID: HomeRollout] = [:]
    for file in files { inUse[file.name.rolloutID] = file }
    inUse[head.name.rolloutID] = head
    return LocalEntry(
      id: id, rollouts: files.filter { inUse[$0.name.rolloutID] == $0 }, head: head,
      copies: files.filter { inUse[$0.name.rolloutID] != $0 }, row: row,
      isHeadGuessed: named == nil && files.count > 1,
      isMisplaced: isNamedAbsent && files.count == 1, isNamed: named != nil)
  }

  /// The file in use of each rollout id.
  var byRollout: [ThreadID: HomeRollout] {
    var found: [ThreadID: HomeRollout] = [:]
    for entry in entries.values.sorted(by: { $0.id < $1.id }) {
      for rollout in entry.rollouts {
        found[rollout.name.rolloutID] = found[rollout.name.rolloutID] ?? rollout
      }
    }
    return found
  }

  /// All files of threads, oldest name first.
  var all: [HomeRollout] {
    entries.values.flatMap { $0.rollouts + $0.copies }
      .sorted { ($0.name, $0.path.string) < ($1.name, $1.path.string) }
  }

  /// Whether a file may lie where nobody can look: its absence tells nothing.
  func isHidden(_ path: FilePath) -> Bool { hidden.holds(path) }
}

/// Folders that cannot be looked into.
private struct Hidden {
  private let folders: [FilePath]

  init(_ folders: [FilePath]) {
    self.folders = folders.flatMap { folder in
      [folder, SymbolicLink.realPath(folder), SymbolicLink.destination(of: folder)].compactMap(\.self)
    }
  }

  func holds(_ path: FilePath) -> Bool {
    folders.contains { path.starts(with: $0) }
  }
}

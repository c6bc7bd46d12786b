import CanonicalJSON
import CodexHome
import DurableFiles
import Lineage
import Rollout
import SessionPackage
import SystemPackage

/// Packs threads of a home: each as one self-contained file, in the transfer tool's layout.
public struct Packup {
  /// Which threads.
  public enum Selection: Sendable, Hashable {
    /// Those that work in one of these folders, or below.
    case folders([String])
    /// These.
    case threads([ThreadID])
    /// All of the home.
    case all
  }

  /// What the user asked for.
  public struct Options: Sendable, Hashable {
    /// Which threads.
    public var selection: Selection
    /// Only threads that went on at or after this time.
    public var since: Timestamp?
    /// Whether the home's skills travel too.
    public var withSkills = false
    /// What to call the package.
    public var title: String?

    /// Asks for threads.
    public init(_ selection: Selection) { self.selection = selection }
  }

  /// One packed thread.
  public struct Packed: Sendable, Hashable {
    /// The thread.
    public let thread: ThreadID
    /// What a person would call it.
    public let title: String
    /// Its working directory.
    public let cwd: String?
    /// History records.
    public let history: Int
    /// Turns; nil where the transcript does not note them.
    public let turns: Int?
    /// Records and bytes written.
    public let size: RolloutRendering.Size
    /// What a person should know.
    public let warnings: [SessionWarning]
  }

  /// What a run came to.
  public struct Result: Sendable {
    /// What is in the package.
    public let summary: PackageSummary
    /// The installation that packed; nil where the home cannot be written.
    public let origin: String?
    /// The threads, oldest id first.
    public let packed: [Packed]
    /// Threads that could not be packed.
    public let blocked: [(thread: ThreadID, blocker: Blocker)]
    /// What of the home could not be looked into, or is no thread although it looks like one.
    public let homeWarnings: [HomeWarning]
    /// Transcripts of before September 2025, which no Codex since lists or reads.
    public let old: [FilePath]
  }

  let home: CodexHome
  let options: Options
  private let surroundings: Surroundings
  private let cache = ScanCache()

  /// Prepares a run.
  public init(home: CodexHome, options: Options, surroundings: Surroundings) {
    self.home = home
    self.options = options
    self.surroundings = surroundings
  }

  /// Writes the package; a folder or an archive by the name's ending.
  public func write(to path: FilePath) throws(SyncError) -> Result {
    let kept = [home.sessions, home.archivedSessions, home.ownFolder, home.skills]
    if path.isInside(kept) { throw .package(.targetInHome(path)) }
    let workplace = Workplace(home: home)
    let (local, chosen) = try workplace.reading { () throws(SyncError) in
      let local = try LocalThreads(home, surroundings, cache: cache)
      return (local, try choose(local))
    }
    if chosen.isEmpty { throw local.entries.isEmpty ? noThreads(local.files) : .nothingSelected }
    let staging = surroundings.scratch.appending("packup")
    defer { try? Folder.removeTree(staging) }
    _ = try lift(SyncError.file) { () throws(FileError) in try Folder.createPrivate(staging) }
    var writer: PackageWriter
    do throws(PackageError) {
      writer = try PackageWriter(path, staging: staging) { [surroundings] place throws(FileError) in
        try surroundings.scratchFolder(in: place)
      }
    } catch {
      throw .package(error)
    }
    do throws(SyncError) {
      return try fill(&writer, chosen, local)
    } catch {
      writer.abandon()
      throw error
    }
  }

  /// Why nothing is found: a home whose disk is away, or whose folders are closed, is not one without threads.
  private func noThreads(_ files: ThreadFiles) -> SyncError {
    if !files.away.isEmpty { return .home(.away(files.away)) }
    return files.survey.unreadable.first.map(SyncError.file) ?? .noThreads
  }

  private func fill(
    _ writer: inout PackageWriter, _ chosen: [ThreadID], _ local: LocalThreads
  ) throws(SyncError) -> Result {
    let origin = Workplace(home: home).origin(surroundings.entropy)
    var contents: [PackedThread] = []
    var blocked: [(thread: ThreadID, blocker: Blocker)] = []
    // Transcripts of before September 2025, which no Codex since lists or reads.
    var old: [FilePath] = home.transcriptsOfMay2025()
    var firstError: RolloutError?
    for (index, id) in chosen.enumerated() {
      surroundings.progress(.init(phase: .packing, done: index, total: chosen.count))
      do throws(PackingError) {
        if let thread = try pack(id, local, writer) { contents.append(thread) }
      } catch {
        // What cannot be written is no fault of the thread.
        guard case .rollout(let error) = error else { throw error.asSyncError }
        if case .noSessionMeta(let path) = error, RolloutDefect.isBare(path) {
          old.append(path)
          continue
        }
        firstError = firstError ?? error
        blocked.append((id, Blocker(error)))
      }
    }
    if contents.isEmpty, let firstError {
      throw local.files.away.isEmpty ? .rollout(firstError) : .home(.away(local.files.away))
    }
    let directories = Set(contents.compactMap { $0.row["cwd"]?.string }).sorted()
    let content = PackageContent(
      cwdFilter: { if case .folders(let folders) = options.selection { folders.first ?? "" } else { "" } }(),
      title: options.title, threads: contents.map(\.row), indexRows: contents.map(\.indexRow),
      dynamicTools: contents.flatMap { local.catalogue?.dynamicTools[$0.packed.thread] ?? [] },
      lineage: PackageLineage(
        origin: origin, machine: surroundings.machine, title: options.title,
        sourceHome: surroundings.localHome,
        realSourceHome: SymbolicLink.realPath(FilePath(surroundings.localHome))?.string,
        threads: Dictionary(uniqueKeysWithValues: contents.map { ($0.packed.thread, $0.lineage) })),
      skills: options.withSkills ? try skills() : [], requiredDirectories: directories)
    do throws(PackageError) {
      let summary = try writer.finish(content, rollouts: contents.map(\.rollout))
      try surroundings.watch.did(.package(summary.path)) { () throws(PackageError) in try writer.place() }
      // A home that cannot be written, or that another run works on, is packed all the same.
      try? Noting(home: home, surroundings: surroundings).run(
        handedOver: contents.map(\.thread), local.memory)
      return Result(
        summary: summary, origin: origin, packed: contents.map(\.packed), blocked: blocked,
        homeWarnings: local.files.warnings + (options.selection == .all ? local.files.passedOver : []),
        old: old)
    } catch {
      throw .package(error)
    }
  }

  private struct PackedThread {
    let packed: Packed
    let thread: LocalThread
    let row: JSONValue
    let indexRow: JSONValue
    let lineage: PackagedLineage
    let rollout: RolloutWriter.Written
  }

  /// Packs one thread; tries again where Codex wrote to it meanwhile.
  private func pack(
    _ id: ThreadID, _ local: LocalThreads, _ writer: borrowing PackageWriter
  ) throws(PackingError) -> PackedThread? {
    var attempts = 0
    while true {
      do throws(PackingError) {
        return try packOnce(id, local, writer)
      } catch {
        attempts += 1
        guard case .rollout(.changed) = error, attempts < 20 else { throw error }
      }
    }
  }

  private func packOnce(
    _ id: ThreadID, _ local: LocalThreads, _ writer: borrowing PackageWriter
  ) throws(PackingError) -> PackedThread? {
    let thread: LocalThread
    let transcript: Transcript
    do throws(RolloutError) {
      guard let found = try local.load(id) else { return nil }
      (thread, transcript) = (found, try local.transcript(found.entry))
    } catch {
      throw .rollout(error)
    }
    guard let first = thread.entry.rollouts.first else { return nil }
    let name = Self.name(first.name, id, transcript)
    let (written, size) = try write(transcript, name, writer)
    let row = packedRow(thread, transcript, name)
    var warnings: [SessionWarning] = []
    if transcript.head.end.torn > 0 {
      warnings.append(.init(.tornTail, "\(transcript.head.end.torn) bytes"))
    }
    if thread.entry.isHeadGuessed { warnings.append(.init(.headByName)) }
    warnings += thread.entry.copies.map { .init(.otherCopy, $0.path.string) }
    if let unfit = Blocker(unfit: transcript.head) { warnings.append(.init(.unfitForCodex, unfit.detail)) }
    if transcript.head.oddities.linesNotUTF8 > 0, transcript.head.meta.format == .legacy {
      warnings.append(.init(.linesNotUTF8, "\(transcript.head.oddities.linesNotUTF8) lines"))
    }
    let history = History(transcript.history)
    return PackedThread(
      packed: Packed(
        thread: id, title: title(thread, row, local), cwd: row["cwd"]?.string, history: history.count,
        turns: thread.turnCount, size: size,
        warnings: warnings),
      thread: thread, row: row, indexRow: indexRow(thread, row, local),
      lineage: PackagedLineage(
        lineageKeys: ([history] + thread.lineage.segments).compactMap(\.lineageKey).map(\.description),
        historyLength: history.count, prefixDigest: history.prefixDigest(history.count).description,
        format: transcript.head.meta.format == .paginated ? .paginated : .legacy,
        marker: thread.lineage.marker?.json),
      rollout: written)
  }

  /// The name that Codex would have given the thread's file.
  private static func name(_ name: RolloutName, _ id: ThreadID, _ transcript: Transcript) -> RolloutName {
    let made = Timestamp(transcript.head.meta.timestamp ?? "") ?? Timestamp(milliseconds: 0)
    let known = name.isOrdinary ? RolloutName(time: name.time, thread: id) : nil
    return known ?? RolloutName(at: made, thread: id)
  }

  /// Writes a thread's file into the package.
  private func write(
    _ transcript: Transcript, _ name: RolloutName, _ writer: borrowing PackageWriter
  ) throws(PackingError) -> (RolloutWriter.Written, RolloutRendering.Size) {
    let rendering = RolloutRendering(packing: transcript)
    var file: RolloutWriter
    do throws(FileError) { file = try writer.rollout(name) } catch { throw .writing(error) }
    var failure: FileError?
    let size: RolloutRendering.Size
    do throws(RolloutError) {
      size = try rendering.write { bytes throws(RolloutError) in
        do throws(FileError) { try file.write(bytes) } catch {
          failure = error
          throw .file(error)
        }
      }.size
    } catch {
      throw failure.map(PackingError.writing) ?? .rollout(error)
    }
    do throws(FileError) {
      return (try file.finish(modified: transcript.head.stamp.modified), size)
    } catch {
      throw .writing(error)
    }
  }

  /// The thread's row, its `rollout_path` ending in the name that the package has for the file.
  private func packedRow(
    _ thread: LocalThread, _ transcript: Transcript, _ name: RolloutName
  ) -> JSONValue {
    var row = thread.entry.row ?? TranscriptRow.columns(of: transcript)
    row["id"] = .string(thread.entry.id.text)
    row["rollout_path"] = .string(thread.entry.head.path.removingLastComponent().appending(name.text).string)
    row["cwd"] = row["cwd"] ?? .string(transcript.facts.cwd(transcript.head.meta) ?? surroundings.localHome)
    row["history_mode"] = .string(transcript.head.meta.format.rawValue)
    row["archived"] = thread.entry.head.isArchived ? 1 : 0
    for column in ["title", "first_user_message"] where row[column]?.string?.isEmpty ?? true {
      row[column] = .string(transcript.facts.preview ?? "")
    }
    return row
  }

  private func title(_ thread: LocalThread, _ row: JSONValue, _ local: LocalThreads) -> String {
    let name = ThreadNaming(row: thread.entry.row, indexRow: local.index.rows[thread.entry.id]).name
    return name ?? row["title"]?.string ?? thread.entry.id.text
  }

  private func indexRow(_ thread: LocalThread, _ row: JSONValue, _ local: LocalThreads) -> JSONValue {
    if let known = local.index.rows[thread.entry.id] { return known }
    let updated = Timestamp(seconds: row["updated_at"]?.integer ?? 0)
    return SessionIndex.row(
      thread.entry.id, name: row["title"]?.string ?? "", updatedAt: updated.text)
  }

}

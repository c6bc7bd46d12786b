import CodexHome
import DurableFiles
import Rollout
import SessionSync
import SyncTestSupport
import SystemPackage

/// Machines with one user each, packages between them, and an oracle that knows everything that was ever said.
///
/// The program under test is called as its command line calls it, on real files. After each step the oracle looks at
/// the files with its own eyes (`HomeView`) and compares them with what it knows (`Truth`, `Ledger`).
final class World {
  let folder: FilePath
  let machines: [Machine]
  var truth = Truth()
  var ledgers: [Ledger]
  var views: [HomeView]
  var parcels: [Parcel] = []
  /// Forks and sub-agents, and the branches of them: by thread, the thread that all of them are copies of.
  var closedRoots: [ThreadID: ThreadID] = [:]
  /// Roots of which a branch went on without its marker, so that nobody can know any more what it was.
  var blurred: Set<ThreadID> = []
  /// Whether sessions whose id is taken are imported under another.
  let importsCollisions: Bool
  let tools: AccidentTools?
  /// What happened, for people.
  private(set) var trace: [String] = []
  private var commands: UInt64 = 0

  /// Sets machines up in an empty folder.
  ///
  /// - Parameter tools: what deliveries are interrupted with; without them none is.
  init(
    _ folder: FilePath, machines count: Int, importsCollisions: Bool = false, tools: AccidentTools? = nil
  ) throws {
    self.folder = folder
    self.tools = tools
    self.importsCollisions = importsCollisions
    machines = try ["A", "B", "C", "D", "E"].prefix(count).map { try Machine($0, in: folder) }
    ledgers = machines.map { _ in Ledger() }
    let truth = truth
    views = try machines.map { try HomeView($0, truth, known: nil) }
  }

  /// Notes what happens.
  func note(_ text: String) { trace.append(text) }

  /// How people may call a thread: `t` and a number in the order of their making.
  func name(_ id: ThreadID) -> String { "…\(id.text.suffix(6))" }

  /// What the program is given of the world; each command has a time and random bytes of its own.
  func surroundings(_ machine: Int) throws -> Surroundings {
    commands += 1
    let number = commands
    let scratch = machines[machine].root.appending("scratch")
    try Folder.create(scratch)
    return Surroundings(
      localHome: machines[machine].root.string, scratch: scratch, now: truth.now(),
      entropy: { (0..<16).map { UInt8(truncatingIfNeeded: (number &+ 1) >> (8 * (15 - UInt64($0)))) } },
      machine: machines[machine].name)
  }

  /// The machine's home, as the program opens it.
  ///
  /// No processes are shown to it: looking through all of a system's costs more than everything else together.
  func home(_ machine: Int) throws -> CodexHome {
    try CodexHome(machines[machine].home, sqliteHome: nil, processes: folder.appending("no-processes"))
  }

  // MARK: - Checks

  /// Looks at a machine again, and checks what must hold at any time.
  ///
  /// - Parameter isTaking: whether the user, or a tool of his, took something away; what is gone is then not owed.
  func look(_ machine: Int, isTaking: Bool = false) throws {
    let view = try HomeView(machines[machine], truth, known: views[machine])
    views[machine] = view
    let name = machines[machine].name
    if let problem = view.problems.first { throw Violation("\(name): \(problem)") }
    let present = view.present
    if isTaking { ledgers[machine].owed.formIntersection(present) }
    let lost = ledgers[machine].owed.subtracting(present)
    if !lost.isEmpty { throw Violation("\(name) lost \(lost.sorted())") }
  }

  /// Notes what a run of the program saw that wrote something, or that packed these threads.
  ///
  /// - Parameter before: the home before the run; what it wrote itself lost nothing by that.
  func remember(_ machine: Int, since before: HomeView? = nil, only: [ThreadID]? = nil) {
    for thread in views[machine].threads.values where only?.contains(thread.id) ?? true {
      guard let head = thread.head else { continue }
      let old = ledgers[machine].notes[thread.id]?.first ?? []
      let isWritten = before.map { $0.threads[thread.id]?.current.bytes != thread.current.bytes } ?? false
      let isShrunk =
        !isWritten && head.count < old.count && head.isPrefix(of: old)
        && !thread.segments.contains { old.isPrefix(of: $0) }
      if isShrunk {
        ledgers[machine].shrunk.insert(thread.id)
      } else {
        ledgers[machine].shrunk.remove(thread.id)
        ledgers[machine].notes[thread.id] = [head] + thread.segments
      }
    }
  }

  /// Size, time and number of each file of a home but its lock files.
  func stamps(_ machine: Int) throws -> [String: FileStamp] {
    var stamps: [String: FileStamp] = [:]
    func walk(_ folder: FilePath) throws {
      for name in try Folder.names(in: folder) where name != "thread-writer-locks" {
        let path = folder.appending(name)
        guard let stamp = try FileStamp.of(path) else { continue }
        if stamp.kind == .folder { try walk(path) } else { stamps[path.string] = stamp }
      }
    }
    try walk(machines[machine].home)
    return stamps
  }

  /// Requires that nothing was written since.
  func expectUntouched(_ machine: Int, since before: [String: FileStamp], _ what: String) throws {
    let after = try stamps(machine)
    guard after != before else { return }
    let names = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.sorted()
    throw Violation("\(machines[machine].name): \(what) wrote \(names.joined(separator: ", "))")
  }
}

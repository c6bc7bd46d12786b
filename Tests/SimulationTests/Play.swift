import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import Simulation

/// A folder for worlds: in memory where the system has one there, for a world is thousands of small files.
func withWorldFolder<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
  let memory = FilePath("/dev/shm")
  let root = try FileStamp.of(memory) == nil ? FilePath("/tmp") : memory
  let folder = root.appending("simulation-\(UInt64.random(in: 0...UInt64.max))")
  try Folder.create(folder)
  defer { try? Folder.removeTree(folder) }
  return try body(folder)
}

/// Plays in a world of some machines.
func play(machines: Int = 3, importsCollisions: Bool = false, _ body: (World) throws -> Void) throws {
  try withWorldFolder { folder in
    let world = try World(folder, machines: machines, importsCollisions: importsCollisions)
    do {
      try body(world)
    } catch {
      Issue.record("\(error)\n\(world.trace.joined(separator: "\n"))")
    }
  }
}

extension World {
  /// Packs everything at one machine and delivers it to another.
  @discardableResult
  func send(_ source: Int, _ target: Int, isOurs: Bool = true, only: [ThreadID]? = nil) throws -> [Verdict] {
    try deliver(try #require(try pack(source, isOurs: isOurs, only: only)), to: target)
  }

  /// The histories of a machine's threads, sorted.
  func heads(_ machine: Int) -> [[Int]] {
    views[machine].threads.values.compactMap(\.head).sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// The history of a thread.
  func head(_ machine: Int, _ id: ThreadID) -> [Int]? { views[machine].threads[id]?.head }

  /// The one thread of a machine that is not among these.
  func other(_ machine: Int, than ids: ThreadID...) throws -> ThreadID {
    try #require(views[machine].threads.keys.first { !ids.contains($0) })
  }
}

extension [Verdict] {
  /// What became of a thread.
  func of(_ thread: ThreadID) -> String? { first { $0.thread == thread }?.description }
}

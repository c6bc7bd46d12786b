import DurableFiles
import SyncTestSupport
import Synchronization
import SystemPackage
import Testing

@testable import Journal

/// A transaction whose command is told to stop.
struct InterruptionTests {
  /// Tells the command to stop when it asks for the `limit`th time, and notes what it is told.
  private final class Stopper: TransactionWatch {
    private let asked = Mutex(0)
    private let heard = Mutex<[String]>([])
    private let limit: Int

    init(after limit: Int) { self.limit = limit }

    var told: [String] { heard.withLock { $0 } }
    func willStage(in folder: FilePath) { heard.withLock { $0.append("stage") } }
    func willBegin(_ transaction: String) { heard.withLock { $0.append("begin") } }
    func didEnd(_ transaction: String, _ status: Transaction.Status) {
      heard.withLock { $0.append(status.rawValue) }
    }
    var isStopped: Bool {
      asked.withLock { count in
        count += 1
        return count > limit
      }
    }
  }

  @Test(arguments: 0...Scene.fileOperations + 3)
  func whatIsStoppedIsTakenBackAndWhatIsNotIsDone(_ limit: Int) throws {
    try Scene.with { scene in
      let before = try scene.state()
      let stopper = Stopper(after: limit)
      var pending = try scene.pending(stopper).transaction
      do {
        try pending.run(scene.rows)
        #expect(try scene.status() == .committed)
        #expect(try scene.state().relative(to: scene.home) == Scene.committed())
        #expect(stopper.told == ["stage", "begin", "committed"])
      } catch let error as JournalError {
        #expect(error == .interrupted)
        #expect(try scene.state() == before)
        #expect(try scene.status() == .abandoned)
        #expect(stopper.told == ["stage", "begin", "abandoned"])
      }
      #expect(try scene.recover().isEmpty)
    }
  }

  @Test func recoveryTellsOfEachTransactionItSettles() throws {
    try Scene.with { scene in
      try scene.crash(after: 3)
      let watch = Stopper(after: 0)
      let recovery = Recovery(journal: scene.journal, rows: scene.rows, threads: scene.threads, watch: watch)
      #expect(try recovery.run().map(\.outcome) == [.undone])
      #expect(watch.told == ["begin", "abandoned"])
    }
  }
}

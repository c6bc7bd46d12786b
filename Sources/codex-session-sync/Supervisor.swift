import DurableFiles
import Foundation
import Journal
import SessionSync
import Synchronization
import SystemPackage

/// Ends a command that is told to end, by Ctrl-C, SIGTERM or a terminal that was closed: removes what it would leave
/// behind, and says what state is left.
///
/// A thread of its own waits for the signals: nothing runs in a signal handler. While it ends the process it holds the
/// lock that the command needs for its next step, so what it says is true when the process is gone. A transaction that
/// is open is not ended in the middle: the command takes it back, and the process ends then. The next signal ends the
/// process at once.
final class Supervisor: RunWatch {
  private struct State {
    var scratch: [ScratchFolder] = []
    /// A folder of the journal that is worth nothing yet.
    var staging: FilePath?
    /// The transaction that recovery would have to settle.
    var open: String?
    var settled: [(id: String, status: Transaction.Status)] = []
    var deeds: [Deed] = []
    /// The signal that told the command to end.
    var signal: Int32?
  }

  private let state = Mutex(State())
  /// Ends what is drawn on stderr.
  private let clearScreen: @Sendable () -> Void

  /// The options that name the homes, for commands that are to be typed.
  private let homes: String

  init(homes: String, clearScreen: @escaping @Sendable () -> Void) {
    self.homes = homes
    self.clearScreen = clearScreen
  }

  /// Takes the signals over, but for those that whoever started the program wants ignored, as `nohup` does.
  ///
  /// To be called before there are other threads, which would receive them otherwise.
  func begin() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] where !Self.isIgnored(signal) { sigaddset(&signals, signal) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    Thread.detachNewThread { [self, signals] in
      var first: Int32 = 0
      while sigwait([signals], &first) != 0 {}
      Thread.detachNewThread { [self, first] in end(by: first) }
      var second: Int32 = 0
      while sigwait([signals], &second) != 0 {}
      _exit(128 + second)
    }
  }

  /// Waits, if need be for ever, where the process is being ended; to be called when a command did its work or failed.
  func pass() { state.withLock { _ in } }

  /// Removes the scratch folder of the command.
  func end() {
    let scratch = state.withLock { $0.scratch }
    scratch.forEach { $0.remove() }
  }

  // MARK: What the command tells

  var isStopped: Bool { state.withLock { $0.signal != nil } }

  func willUse(_ scratch: ScratchFolder) { state.withLock { $0.scratch.append(scratch) } }

  func willStage(in folder: FilePath) { state.withLock { $0.staging = folder } }

  func willBegin(_ transaction: String) {
    state.withLock { state in
      state.staging = nil
      state.open = transaction
    }
  }

  func didEnd(_ transaction: String, _ status: Transaction.Status) {
    state.withLock { state in
      if status == .committed || status == .abandoned {
        state.open = nil
        state.settled.append((transaction, status))
      }
      if let signal = state.signal { exit(signal, state) }
    }
  }

  func did(_ deed: Deed) { state.withLock { $0.deeds.append(deed) } }

  func did<Failure: Error>(_ deed: Deed, by step: () throws(Failure) -> Void) throws(Failure) {
    try state.withLock { (state) throws(Failure) in
      try step()
      state.deeds.append(deed)
    }
  }

  // MARK: Ending

  private func end(by signal: Int32) {
    state.withLock { state in
      state.signal = signal
      guard let open = state.open else { exit(signal, state) }
      clearScreen()
      Output.complain(
        "interrupted: taking back what transaction \(open) did; again to end at once, and leave it to the next run"
      )
    }
  }

  private func exit(_ signal: Int32, _ state: State) -> Never {
    state.scratch.forEach { $0.remove() }
    if let staging = state.staging { Self.discard(staging) }
    clearScreen()
    Output.complain("interrupted: \(sentence(state))")
    _exit(128 + signal)
  }

  /// Removes a folder into which the command still writes; what it puts there, it can only until the folder is gone.
  private static func discard(_ folder: FilePath) {
    for _ in 0..<1000 where (try? Folder.removeTree(folder)) == nil {}
  }

  private func sentence(_ state: State) -> String {
    if let open = state.open {
      return "transaction \(open) is open: the next run settles it; or: codex-session-sync recover\(homes)"
    }
    if let deed = state.deeds.last { return Wording.sentence(deed) }
    if let (id, status) = state.settled.last, status == .committed {
      return
        "transaction \(id) is committed; undo it: codex-session-sync rollback --transaction-id \(id)\(homes)"
    }
    return "nothing was written"
  }

  /// The handler is what the structure begins with, on Linux and on Darwin; 1 stands for ignoring on both.
  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(signal, nil, &action) == 0 else { return false }
    return withUnsafeBytes(of: action) { $0.load(as: Int.self) } == 1
  }
}

extension Wording {
  /// What a command did, in few words.
  static func done(by transaction: String?) -> String {
    transaction.map { "transaction \($0) is committed" } ?? "nothing was written"
  }

  /// What is left of something that is no transaction, when the command is interrupted.
  static func sentence(_ deed: Deed) -> String {
    switch deed {
    case .package(let path): "the package is whole: \(path)"
    case .sidecar: "the sidecar is made anew only in part: run the command again"
    case .forgetting: "only a part may be forgotten: run the command again"
    }
  }
}

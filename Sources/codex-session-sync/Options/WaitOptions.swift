import ArgumentParser
import Foundation
import SessionSync

/// `--wait`, for commands that need what somebody else may hold.
struct WaitOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Wait this long for busy threads and other runs.", valueName: "seconds"))
  var wait: Int = 0

  func validate() throws {
    if wait < 0 { throw ValidationError("--wait takes seconds, and \(wait) is less than none.") }
  }

  /// Runs `body` again and again until nobody is in its way, or the time is over.
  ///
  /// - Parameter isInTheWay: whether an answer, although no failure, is to be tried again.
  func patiently<Result>(
    unless isInTheWay: (Result) -> Bool = { _ in false }, _ body: () throws(SyncError) -> Result
  ) throws(SyncError) -> Result {
    let deadline = Date().addingTimeInterval(TimeInterval(wait))
    var pause = 0.2
    while true {
      do throws(SyncError) {
        let result = try body()
        if !isInTheWay(result) || Date() >= deadline { return result }
      } catch {
        let failure = Failure(error)
        let isInTheWay = failure.status == .busy || failure.code == Failure.databaseBusy
        guard isInTheWay, Date() < deadline else { throw error }
      }
      if pause == 0.2, Output.isErrorTerminal {
        Output.complain("waiting up to \(wait) s for Codex or another run to let go")
      }
      Thread.sleep(forTimeInterval: pause)
      // Each try reads the package again.
      pause = min(2, pause * 1.5)
    }
  }
}

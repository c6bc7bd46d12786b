import Foundation
import SessionSync

/// A bar on stderr for work that takes longer than half a second, on a terminal only.
final class ProgressBar: Sendable {
  private let isShown: Bool
  private let begun = Date()

  init(isShown: Bool) { self.isShown = isShown }

  func show(_ progress: Surroundings.Progress) {
    guard isShown, progress.total > 0, Date().timeIntervalSince(begun) > 0.5 else { return }
    let width = 30
    let filled = width * progress.done / progress.total
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    write("\r\(progress.phase.rawValue) \(bar) \(progress.done)/\(progress.total)\u{1B}[K")
  }

  func finish() {
    if isShown, Date().timeIntervalSince(begun) > 0.5 { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) { Output.draw(text) }
}

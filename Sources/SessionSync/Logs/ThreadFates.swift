import CanonicalJSON
import Journal

extension Transaction {
  /// A thread that a transaction wrote to, and what a later undoing did with it.
  public struct ThreadFate: Sendable, Hashable {
    /// The thread.
    public let thread: String
    /// What a person would call it; nil where nothing says.
    public let title: String?
    /// What was done to it: an action of a plan, `adopt`, or `undo`.
    public let action: String
    /// What became of that; nil where no undoing met it.
    public let fate: Fate?
  }

  /// The threads that it wrote to, in its order, with what became of each.
  public var threadFates: [ThreadFate] {
    func of(_ key: String, _ action: (JSONValue) -> String) -> [ThreadFate] {
      (details[key]?.array ?? []).compactMap { session in
        guard let thread = session["local_thread_id"]?.string else { return nil }
        return ThreadFate(
          thread: thread, title: session["title"]?.string, action: action(session), fate: fate(of: thread))
      }
    }
    let written = of("sessions") { $0["action"]?.string ?? "" } + of("adopted") { _ in "adopt" }
    let undone = (undoings ?? []).filter { $0.reason == nil }.map {
      ThreadFate(thread: $0.thread, title: $0.title, action: "undo", fate: fate(of: $0.thread))
    }
    return written + undone
  }
}

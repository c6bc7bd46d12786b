/// Colours, where a terminal shows them.
struct Style: Sendable {
  /// What begins a change of colour.
  static let escape: Unicode.Scalar = "\u{1B}"
  /// All that may follow it.
  static let codes = ["0", "1", "2", "31", "32", "33", "36"].map { "[\($0)m" }

  let isColoured: Bool

  func bold(_ text: String) -> String { paint(text, "1") }
  func dim(_ text: String) -> String { paint(text, "2") }
  func green(_ text: String) -> String { paint(text, "32") }
  func yellow(_ text: String) -> String { paint(text, "33") }
  func red(_ text: String) -> String { paint(text, "31") }
  func cyan(_ text: String) -> String { paint(text, "36") }

  private func paint(_ text: String, _ code: String) -> String {
    isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

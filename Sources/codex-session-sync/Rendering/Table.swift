/// An aligned table: the widest cell decides a column's width.
struct Table {
  struct Cell {
    let text: String
    let paint: (String) -> String

    init(_ text: String, _ paint: @escaping (String) -> String = { $0 }) {
      self.text = text
      self.paint = paint
    }
  }

  let header: [String]
  private(set) var rows: [[Cell]] = []

  init(_ header: [String]) { self.header = header }

  mutating func add(_ cells: [Cell]) { rows.append(cells) }

  /// The lines of the table, columns two spaces apart.
  func lines(_ style: Style) -> [String] {
    let widths = header.indices.map { column in
      rows.map { DisplayWidth.of($0[column].text) }.reduce(DisplayWidth.of(header[column]), max)
    }
    let head = header.indices.map { DisplayWidth.pad(header[$0], widths[$0]) }.joined(separator: "  ")
    let body = rows.map { row in
      row.indices.map { column in
        let last = column == row.count - 1
        let padding = last ? 0 : widths[column] - DisplayWidth.of(row[column].text)
        return row[column].paint(row[column].text) + String(repeating: " ", count: padding)
      }.joined(separator: "  ")
    }
    return [style.dim(head.trimmingEnd())] + body
  }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

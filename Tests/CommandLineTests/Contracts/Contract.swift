import DurableFiles
import Foundation
import SyncTestSupport
import SystemPackage
import Testing

/// A document, or a part of one, that is made from what the program is.
struct Contract {
  /// Its path in the repository.
  let path: String
  /// What it has to say.
  let text: String

  private static let note =
    "<!-- Made by `make contracts`; `make check` fails when it is not what the program says. -->"

  /// A document that is made as a whole.
  static func whole(_ path: String, title: String, _ text: String) -> Contract {
    Contract(path: path, text: "# \(title)\n\n\(note)\n\n\(text)")
  }

  /// A document of which what stands between two marks is made.
  static func part(_ path: String, _ name: String, _ text: String) throws -> Contract {
    let (begin, end) = ("<!-- \(name): made by `make contracts` -->", "<!-- end of \(name) -->")
    let document = try Program.repository.pushing(FilePath(path)).text()
    let head = try #require(document.firstRange(of: begin), "\(path) has no place for \(name)")
    let tail = try #require(document.firstRange(of: end), "\(path) has no end of \(name)")
    return Contract(
      path: path, text: document[..<head.upperBound] + "\n\n\(text)\n" + document[tail.lowerBound...])
  }

  /// Holds the document against what it has to say; with `UPDATE_CONTRACTS` set, writes it.
  func check(_ location: SourceLocation = #_sourceLocation) throws {
    let file = Program.repository.pushing(FilePath(path))
    if ProcessInfo.processInfo.environment["UPDATE_CONTRACTS"] != nil {
      return try DurableFile.replace(file, with: Array(text.utf8))
    }
    let found = try file.text()
    #expect(found == text, "\(path) is not what the program says: make contracts", sourceLocation: location)
  }
}

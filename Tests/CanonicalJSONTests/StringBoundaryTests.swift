import Testing

@testable import CanonicalJSON

/// Strings whose stops and characters lie at every place of the words that the scanner reads.
struct StringBoundaryTests {
  /// What a text is, read byte by byte: nil where it is a string, else where and why it ends being one.
  private func expected(_ text: [UInt8]) -> JSONSyntaxError? {
    var at = 1
    while true {
      guard at < text.count else { return JSONSyntaxError(reason: .unexpectedEnd, offset: at) }
      switch text[at] {
      case 0x22:
        return at + 1 == text.count ? nil : JSONSyntaxError(reason: .trailingBytes, offset: at + 1)
      case 0x5C:
        guard at + 1 < text.count, [0x22, 0x5C, 0x6E].contains(text[at + 1]) else {
          return JSONSyntaxError(reason: .invalidEscape, offset: at)
        }
        at += 2
      case 0..<0x20: return JSONSyntaxError(reason: .controlInString, offset: at)
      case 0x20..<0x80: at += 1
      default:
        guard let length = characterLength(text[at...]) else {
          return JSONSyntaxError(reason: .invalidUTF8, offset: at)
        }
        at += length
      }
    }
  }

  /// The length of the character outside ASCII that some bytes begin with, by its code point.
  private func characterLength(_ bytes: ArraySlice<UInt8>) -> Int? {
    let lead = bytes[bytes.startIndex]
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    guard (0xC0..<0xF8).contains(lead), bytes.count >= length else { return nil }
    var point = UInt32(lead) & (length == 4 ? 0x07 : length == 3 ? 0x0F : 0x1F)
    for byte in bytes.dropFirst().prefix(length - 1) {
      guard byte & 0xC0 == 0x80 else { return nil }
      point = point << 6 | UInt32(byte & 0x3F)
    }
    let lowest: UInt32 = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80
    return point >= lowest && Unicode.Scalar(point) != nil ? length : nil
  }

  private func check(_ text: [UInt8]) {
    var found: JSONSyntaxError?
    // In memory of its own size: what is read behind the end would be seen by the address sanitizer.
    var scanner = CanonicalScanner()
    do throws(JSONSyntaxError) { try scanner.scan(text.span) } catch { found = error }
    if found != expected(text) {
      Issue.record(
        "\(text): \(found.map { "\($0)" } ?? "none"), not \(expected(text).map { "\($0)" } ?? "none")")
    }
  }

  /// Bytes at the ends of the ranges that are told apart.
  private static let marks: [UInt8] = [
    0x1F, 0x22, 0x5C, 0x6E, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xF0, 0xF4,
    0xFF,
  ]

  @Test(arguments: 0..<40) func everyByteStopsAtEveryPlace(_ length: Int) {
    let plain = [UInt8](repeating: 0x78, count: length)
    for byte in UInt8.min...UInt8.max {
      check([0x22] + plain + [byte])
      for behind in [0, 1, 3, 8, 16] {
        check([0x22] + plain + [byte] + [UInt8](repeating: 0x7A, count: behind) + [0x22])
      }
    }
    for first in Self.marks {
      for second in Self.marks { check([0x22] + plain + [first, second, 0x22]) }
    }
  }

  @Test(arguments: UInt8(0x80)...0xFF) func everySecondByteIsJudgedBehindEveryLead(_ lead: UInt8) {
    for second in UInt8.min...UInt8.max {
      let start = [0x22, lead, second]
      check(start)
      check(start + [0x22])
      guard Self.marks.contains(second) else { continue }
      for third in Self.marks {
        check(start + [third])
        check(start + [third, 0x22])
        if lead < 0xF0 { continue }
        for fourth in Self.marks {
          check(start + [third, fourth])
          check(start + [third, fourth, 0x22])
        }
      }
    }
  }

  @Test(arguments: 0..<24) func charactersOfAllLengthsFollowEachOther(_ length: Int) {
    let parts: [[UInt8]] = [
      [0x78], [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xEE, 0x80, 0x80],
      [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF], [0x5C, 0x6E],
    ]
    let plain = [0x22] + [UInt8](repeating: 0x78, count: length)
    for first in parts {
      for second in parts {
        for third in parts {
          let text = plain + first + second + third + [0x22]
          check(text)
          // Cut at each byte, and cut in the middle and gone on.
          for end in (plain.count)..<text.count {
            check(Array(text[..<end]))
            check(Array(text[..<end]) + [0x22])
          }
        }
      }
    }
  }
}

/// Why a line is not JSON, and where.
public struct JSONSyntaxError: Error, Equatable, Sendable {
  /// What was wrong.
  public enum Reason: String, Sendable {
    case unexpectedByte, unexpectedEnd, trailingBytes, invalidEscape, controlInString, invalidNumber
    case invalidUTF8, tooDeep, tooLong
  }

  /// What was wrong.
  public let reason: Reason
  /// Where, in bytes from the start of the line.
  public let offset: Int
}

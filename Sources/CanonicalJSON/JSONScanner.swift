/// The one pass over a JSON text: checks the grammar of RFC 8259, UTF-8 and depth, and tells a handler what is there.
///
/// Builds nothing. Reads eight bytes at a time inside strings, where nearly all bytes of a transcript are.
struct JSONScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0

  /// Scans a whole text.
  static func scan(
    _ text: Span<UInt8>, _ handler: inout some JSONHandler
  ) throws(JSONSyntaxError) {
    guard text.count < Int(Int32.max) else { throw JSONSyntaxError(reason: .tooLong, offset: 0) }
    try text.withUnsafeBufferPointer { (bytes) throws(JSONSyntaxError) in
      var scanner = JSONScanner(bytes: bytes)
      scanner.skipSpace(&handler)
      try scanner.value(depth: 0, key: 0..<0, &handler)
      scanner.skipSpace(&handler)
      guard scanner.at == bytes.count else { throw scanner.failure(.trailingBytes) }
    }
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private mutating func value(
    depth: Int, key: Range<Int>, _ handler: inout some JSONHandler
  ) throws(JSONSyntaxError) {
    switch try peek() {
    case UInt8(ascii: "\""): handler.scalar(.string, try string(&handler))
    case UInt8(ascii: "{"): try object(depth: depth + 1, key: key, &handler)
    case UInt8(ascii: "["): try array(depth: depth + 1, &handler)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(&handler)
    case UInt8(ascii: "t"): try literal("true", .true, &handler)
    case UInt8(ascii: "f"): try literal("false", .false, &handler)
    case UInt8(ascii: "n"): try literal("null", .null, &handler)
    default: throw failure(.unexpectedByte)
    }
  }

  private mutating func object(
    depth: Int, key ownKey: Range<Int>, _ handler: inout some JSONHandler
  ) throws(JSONSyntaxError) {
    let start = at
    guard try open(.object, depth, close: UInt8(ascii: "}"), &handler) else { return }
    repeat {
      guard try peek() == UInt8(ascii: "\"") else { throw failure(.unexpectedByte) }
      let key = try string(&handler)
      handler.scalar(.string, key)
      skipSpace(&handler)
      guard try peek() == UInt8(ascii: ":") else { throw failure(.unexpectedByte) }
      at += 1
      skipSpace(&handler)
      let valueStart = at
      try value(depth: depth, key: key, &handler)
      if depth <= 2 {
        handler.member(
          JSONMember(depth: depth, object: start, objectKey: ownKey, key: key, value: valueStart..<at),
          in: bytes)
      }
    } while try goesOn(close: UInt8(ascii: "}"), &handler)
  }

  private mutating func array(depth: Int, _ handler: inout some JSONHandler) throws(JSONSyntaxError) {
    guard try open(.array, depth, close: UInt8(ascii: "]"), &handler) else { return }
    repeat {
      try value(depth: depth, key: 0..<0, &handler)
    } while try goesOn(close: UInt8(ascii: "]"), &handler)
  }

  /// Begins a container; false where it is empty and has ended already.
  private mutating func open(
    _ kind: JSONCursor.Kind, _ depth: Int, close: UInt8, _ handler: inout some JSONHandler
  ) throws(JSONSyntaxError) -> Bool {
    guard depth <= JSONText.depthLimit else { throw failure(.tooDeep) }
    handler.open(kind, at: at)
    at += 1
    skipSpace(&handler)
    guard try peek() == close else { return true }
    at += 1
    handler.close(at: at)
    return false
  }

  /// Passes over the comma behind a value; false where the container ends instead.
  private mutating func goesOn(
    close: UInt8, _ handler: inout some JSONHandler
  ) throws(JSONSyntaxError) -> Bool {
    skipSpace(&handler)
    switch try peek() {
    case UInt8(ascii: ","):
      at += 1
      skipSpace(&handler)
      return true
    case close:
      at += 1
      handler.close(at: at)
      return false
    default: throw failure(.unexpectedByte)
    }
  }

  private mutating func string(_ handler: inout some JSONHandler) throws(JSONSyntaxError) -> Range<Int> {
    let start = at
    at += 1
    while true {
      skipPlain()
      switch try peek() {
      case UInt8(ascii: "\""):
        at += 1
        return start..<at
      case UInt8(ascii: "\\"): try escape(&handler)
      case 0x80...: try skipMultibyte()
      default: throw failure(.controlInString)
      }
    }
  }

  @inline(__always)
  private mutating func escape(_ handler: inout some JSONHandler) throws(JSONSyntaxError) {
    if at + 1 < bytes.count, StringForm.isShort(bytes[at + 1]) {
      at += 2
      return
    }
    guard let escape = StringForm.escape(bytes.span, at: at) else { throw failure(.invalidEscape) }
    if !escape.isCanonical { handler.deviation(at..<(at + escape.length)) }
    at += escape.length
  }

  private mutating func number(_ handler: inout some JSONHandler) throws(JSONSyntaxError) {
    guard let form = NumberForm(bytes.span, at: at) else { throw failure(.invalidNumber) }
    let range = at..<(at + form.length)
    if !form.isCanonical { handler.deviation(range) }
    at = range.upperBound
    handler.scalar(.number, range)
  }

  private mutating func literal(
    _ word: StaticString, _ kind: JSONCursor.Kind, _ handler: inout some JSONHandler
  ) throws(JSONSyntaxError) {
    let start = at
    for offset in 0..<word.utf8CodeUnitCount {
      guard try peek() == word.utf8Start[offset] else { throw failure(.unexpectedByte) }
      at += 1
    }
    handler.scalar(kind, start..<at)
  }

  private mutating func skipSpace(_ handler: inout some JSONHandler) {
    guard at < bytes.count, bytes[at] <= 0x20 else { return }
    let start = at
    while at < bytes.count, Self.isSpace(bytes[at]) { at += 1 }
    if at > start { handler.deviation(start..<at) }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  private func peek() throws(JSONSyntaxError) -> UInt8 {
    guard at < bytes.count else { throw failure(.unexpectedEnd) }
    return bytes[at]
  }

  private func failure(_ reason: JSONSyntaxError.Reason) -> JSONSyntaxError {
    JSONSyntaxError(reason: reason, offset: at)
  }
}

// Words of eight and four bytes. Inlined, and with a position of their own, so that it stays in a register; it never
// passes the end, so that it needs no check for overflow. The first is a tenth of the time of a scan, the others a
// twentieth.
extension JSONScanner {
  /// Moves on to the first quote, backslash, control byte or byte outside ASCII, or to the end.
  @inline(__always)
  private mutating func skipPlain() {
    let raw = UnsafeRawBufferPointer(bytes)
    let lastWords = raw.count &- 16
    var position = at
    defer { at = position }
    while position <= lastWords {
      let first = Self.stops(in: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let second = Self.stops(in: raw.loadUnaligned(fromByteOffset: position &+ 8, as: UInt64.self))
      if first | second != 0 {
        position &+= first != 0 ? first.trailingZeroBitCount / 8 : 8 &+ second.trailingZeroBitCount / 8
        return
      }
      position &+= 16
    }
    while position < raw.count {
      let byte = raw[position]
      if byte == 0x22 || byte == 0x5C || byte < 0x20 || byte >= 0x80 { return }
      position &+= 1
    }
  }

  /// The top bit of each byte that no plain run holds, the first byte lowest; bits above the lowest one set may be
  /// wrong.
  private static func stops(in bytes: UInt64) -> UInt64 {
    let word = UInt64(littleEndian: bytes)
    let ones: UInt64 = 0x0101_0101_0101_0101
    // In a byte below 0x80, taking n away borrows into the top bit if and only if the byte is below n; bytes from
    // 0x80 on stop by themselves. A borrow spoils only bytes behind the first stop.
    let quote = (word ^ (ones &* 0x22)) &- ones
    let backslash = (word ^ (ones &* 0x5C)) &- ones
    let control = word &- ones &* 0x20
    return (quote | backslash | control | word) & (ones &* 0x80)
  }

  /// Moves over characters outside ASCII; table 3-7 of the Unicode standard says which bytes are some.
  @inline(__always)
  private mutating func skipMultibyte() throws(JSONSyntaxError) {
    var position = at
    defer { at = position }
    while true {
      let word = fourBytes(at: position)
      let lead = word & 0xFF
      let second = word >> 8 & 0xFF
      if word & 0xC0C0F0 == 0x8080E0 {
        guard lead == 0xE0 ? second >= 0xA0 : lead == 0xED ? second < 0xA0 : true else { break }
        position &+= 3
      } else if word & 0xC0E0 == 0x80C0 {
        guard lead >= 0xC2 else { break }
        position &+= 2
      } else if word & 0xC0C0_C0F8 == 0x8080_80F0 {
        guard lead == 0xF0 ? second >= 0x90 : lead == 0xF4 ? second < 0x90 : lead < 0xF4 else { break }
        position &+= 4
      } else if lead < 0x80 {
        return
      } else {
        break
      }
    }
    throw JSONSyntaxError(reason: .invalidUTF8, offset: position)
  }

  /// The four bytes from a place on, the first one lowest; zero, which continues no character, behind the end.
  @inline(__always)
  private func fourBytes(at place: Int) -> UInt32 {
    let raw = UnsafeRawBufferPointer(bytes)
    if place <= raw.count &- 4 {
      return UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: UInt32.self))
    }
    return (place..<raw.count).reversed().reduce(0) { $0 << 8 | UInt32(raw[$1]) }
  }
}

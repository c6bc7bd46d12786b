import CanonicalJSON
import Lineage
import Rollout
import Testing

struct MarkerTests {
  @Test(arguments: [nil, "an origin"], [true, false])
  func aMarkerReadsAsItWasWritten(_ origin: String?, _ closed: Bool) throws {
    let key = try #require(history(1).lineageKey)
    let written = Marker(lineageKey: key, rootOrigin: origin, rootThread: id(1), common: 7, isClosed: closed)
    #expect(Marker(try JSONValue(parsing: written.json.bytes)) == written)
  }

  @Test(arguments: ["lineage_key", "root_thread", "common", "closed"])
  func aMarkerThatLacksAFieldIsNone(_ field: String) throws {
    var json = try marker(root: 1).json
    json[field] = nil
    #expect(Marker(json) == nil)
  }

  @Test func theOriginMayBeMissing() throws {
    var json = try marker(root: 1).json
    json["root_origin"] = nil
    #expect(Marker(json) == (try marker(root: 1)))
  }

  @Test(
    arguments: [
      ("lineage_key", "abc"), ("lineage_key", 7), ("lineage_key", .string(String(repeating: "g", count: 64))),
      ("lineage_key", .string(String(repeating: "+fffffffffffffff", count: 4))),
      ("root_thread", "thread"), ("root_thread", .null), ("common", "3"), ("common", .number("1.5")),
      ("common", -1),
      ("closed", "true"), ("closed", 1),
    ] as [(String, JSONValue)])
  func aMarkerWithAMalformedFieldIsNone(_ field: String, _ value: JSONValue) throws {
    var json = try marker(root: 1).json
    json[field] = value
    #expect(Marker(json) == nil)
  }

  @Test(arguments: [nil, .null, "marker", [], [:]] as [JSONValue?])
  func whatIsNoMarkerIsNone(_ value: JSONValue?) {
    #expect(Marker(value) == nil)
  }

  @Test func theMarkerSaysWhatIsRootAndWhetherItIsClosed() throws {
    let plain = thread(1, [1])
    #expect(plain.root == id(1) && !plain.isClosed)
    #expect(thread(1, [1], fork: true).isClosed)
    let branch = thread(2, [1], fork: true, marker: try marker(root: 1, closed: false))
    #expect(branch.root == id(1) && !branch.isClosed)
    #expect(thread(2, [1], marker: try marker(root: 1, closed: true)).isClosed)
  }
}

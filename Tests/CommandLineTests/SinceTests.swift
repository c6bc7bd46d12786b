import Foundation
import Rollout
import SyncTestSupport
import Testing

@testable import codex_session_sync

struct SinceTests {
  private static let now = Timestamp(milliseconds: 1_796_060_000_000)

  private func text(_ since: String, _ zone: String) throws -> String? {
    let zone = try #require(TimeZone(identifier: zone))
    return Since(zone: zone, now: Self.now).time(since)?.text
  }

  @Test(arguments: [
    ("2026-12-01", "Asia/Shanghai", "2026-11-30T16:00:00.000Z"),
    ("2026-12-01", "GMT", "2026-12-01T00:00:00.000Z"),
    ("2026-07-01", "America/New_York", "2026-07-01T04:00:00.000Z"),
    ("2026-12-01", "America/New_York", "2026-12-01T05:00:00.000Z"),
    ("2026-12-01", "Pacific/Kiritimati", "2026-11-30T10:00:00.000Z"),
    ("2026-12-01T18:30", "Asia/Kathmandu", "2026-12-01T12:45:00.000Z"),
    ("2026-12-01 18:30", "Asia/Kathmandu", "2026-12-01T12:45:00.000Z"),
    ("2026-12-01T18:30:15", "Europe/Berlin", "2026-12-01T17:30:15.000Z"),
    ("2026-12-01T18:30:15.25", "Europe/Berlin", "2026-12-01T17:30:15.250Z"),
    ("2026-12-01T18:30:15Z", "Europe/Berlin", "2026-12-01T18:30:15.000Z"),
    ("2026-12-01T18:30:15-08:00", "Europe/Berlin", "2026-12-02T02:30:15.000Z"),
    // The clock shows this hour twice, and this one never.
    ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00.000Z"),
    ("2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30:00.000Z"),
    // The day that has no midnight.
    ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z"),
    // The day that Samoa left out.
    ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00.000Z"),
  ])
  func aDayOrATimeIsOfThisMachinesClock(_ since: String, _ zone: String, _ expected: String) throws {
    #expect(try text(since, zone) == expected)
  }

  @Test(
    arguments: [
      ("7d", 604_800_000), ("12h", 43_200_000), ("30m", 1_800_000), ("2w", 1_209_600_000), ("0d", 0),
      ("100000d", 8_640_000_000_000),
    ] as [(String, Int64)])
  func anAgeIsCountedBackFromNow(_ since: String, _ milliseconds: Int64) throws {
    #expect(try text(since, "Asia/Shanghai") == Self.now.moved(by: -milliseconds).text)
  }

  @Test(arguments: [
    "yesterday", "", "d", "7", "7y", "-7d", "+7d", " 7d", "7 d", "1e3d", "7.5d", "٧d", "2026-02-31",
    "2026-13-01",
    "2026-1-1", "2026-11-01T", "2026-11-01T18", "2026-11-01T24:00", "2026-11-01T18:30:61",
    "2026x11y22z09q00w00",
    "2026-11-22T09:00:00trailing garbage", "2026-11-01  18:30", "99999999999999999999d",
    "9223372036854775807w",
    "2026-11-01T18:30+99:99", "01.11.2026", "1796060000",
  ])
  func whatIsNeitherIsRefused(_ since: String) throws {
    #expect(try text(since, "Asia/Shanghai") == nil)
    try Program.play(hasCatalogue: false) { program throws in
      #expect(try program.run("packup", "--all", "--since=\(since)", "--output", "x").status == 64)
    }
  }
}

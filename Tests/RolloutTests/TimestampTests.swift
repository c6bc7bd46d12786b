import Rollout
import Testing

struct TimestampTests {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-11-22T09:00:00.123Z", 1_795_338_000_123),
      ("2026-11-22T09:00:00.1Z", 1_795_338_000_100), ("2026-11-22T09:00:00.1239999Z", 1_795_338_000_123),
      ("2026-11-22T09:00:00.\(String(repeating: "9", count: 30))Z", 1_795_338_000_999),
      ("2026-11-22T10:30:00+01:30", 1_795_338_000_000), ("2026-11-21T09:01:00-23:59", 1_795_338_000_000),
      ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("2000-02-29T00:00:00Z", 951_782_400_000),
      ("2016-12-31T23:59:60Z", 1_483_228_800_000), ("2017-01-01T05:29:60.5+05:30", 1_483_228_800_500),
      ("0000-01-01T00:00:00Z", -62_167_219_200_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
      ("0000-01-01T00:00:00+23:59", -62_167_305_540_000),
    ] as [(String, Int64)])
  func aTimeIsReadAsItIsMeant(_ text: String, _ milliseconds: Int64) {
    #expect(Timestamp(text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "", "2026", "2026-02-31T09:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-00-10T00:00:00Z", "2026-13-10T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
    "2026x11y22z09q00w00", "2026x11-22T09:00:00Z", "2026-11-22 09:00:00Z", "2026-11-22T09.00:00Z",
    "2026-11-22T09:00:00", "2026-11-22T09:00:00Ztrailing garbage", "2026-11-22T09:00:00Z ",
    " 2026-11-22T09:00:00Z", "2026-11-22T09:00:00trailing garbage", "2026-11-22T24:00:00Z",
    "2026-11-22T09:60:00Z", "2026-11-22T09:00:61Z", "2026-11-22T09:00:60Z", "2016-12-31T23:59:60+01:00",
    "2026-11-22T09:00:00+99:99", "2026-11-22T09:00:00+24:00", "2026-11-22T09:00:00+01:60",
    "2026-11-22T09:00:00+0100", "2026-11-22T09:00:00+01", "2026-11-22T09:00:00.Z", "-001-11-22T09:00:00Z",
    "99999-11-22T09:00:00Z", "10000-01-01T00:00:00Z", "+026-11-22T09:00:00Z", "２０２６-11-22T09:00:00Z",
    "2026-11-22T09:00:00\u{0}Z", "2026-11-22t09:00:00z", "2026-11-22T09:00:00Z\n", "2026-W47-7T09:00:00Z",
  ])
  func whatIsNoTimeIsNotTakenForOne(_ text: String) { #expect(Timestamp(text) == nil) }

  @Test(arguments: [
    Int64.min, .min + 1, -62_167_219_200_001, -1, 0, 999, 253_402_300_799_999, 253_402_300_800_000, .max - 1,
    .max,
  ])
  func everyNumberIsWrittenAsATimeThatCanBeRead(_ milliseconds: Int64) {
    let time = Timestamp(milliseconds: milliseconds)
    let read = Timestamp(time.text)
    #expect(read == min(max(.earliest, time), .latest), "\(time.text)")
    #expect(RolloutName(RolloutName(at: time, thread: ThreadID(random: [])).text) != nil)
  }

  @Test func everyDayOfFourHundredYearsIsReadBack() {
    for day in stride(from: Int64(-800), to: 147_000, by: 1) {
      let time = Timestamp(milliseconds: day * 86_400_000 + 43_200_001)
      #expect(Timestamp(time.text) == time)
    }
  }

  @Test func secondsAndDistancesStopAtTheEnds() {
    #expect(Timestamp(seconds: .max).milliseconds == 253_402_300_799_000)
    #expect(Timestamp(seconds: .min).milliseconds == 0)
    #expect(Timestamp(milliseconds: .max).moved(by: 1).milliseconds == .max)
    #expect(Timestamp(milliseconds: .min).moved(by: -1).milliseconds == .min)
    #expect(Timestamp(milliseconds: 5).moved(by: -7).milliseconds == -2)
  }
}

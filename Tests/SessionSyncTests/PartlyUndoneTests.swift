import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// An undoing that left threads, and what can be done with the rest.
struct PartlyUndoneTests {
  private let one = Sample.thread(1)
  private let two = Sample.thread(2)
  private let keeping: Rollback.Options = {
    var options = Rollback.Options()
    options.keepsLocalWork = true
    return options
  }()

  /// Two deliveries, of which the second brings two threads, one of which went on.
  private func play(_ body: (Scene, _ first: String, _ second: String) throws -> Void) throws {
    try Scene.play { scene in
      let zero = Sample.talk("zero", thread: Sample.thread(3))
      let first = try #require(try scene.sync(try scene.package("first", zero)).transaction)
      let package = try scene.package("second", Sample.talk("one"), Sample.talk("two", thread: two))
      let second = try #require(try scene.sync(package).transaction)
      try scene.goOn(one)
      try body(scene, first, second)
    }
  }

  private func status(_ scene: Scene, _ id: String) throws -> Transaction.Status? {
    try scene.transactions().first { $0.id == id }?.status
  }

  @Test func whatStayedIsUndoneLaterUnderTheSameID() throws {
    try play { scene, first, second in
      let partly = try scene.rollback()
      #expect(partly.plan.kept.map(\.thread) == [one] && partly.plan.kept[0].canBecomeBranch)
      #expect(partly.plan.threads.map(\.effect) == [.kept, .takenAway])
      #expect(try status(scene, second) == .partlyRolledBack)
      #expect(try scene.file(two) == nil && scene.file(one) != nil)

      let again = try scene.rollback(.id(second))
      #expect(again.transaction == nil && again.plan.isEmpty && again.plan.kept.map(\.thread) == [one])

      let rest = try scene.rollback(.id(second), keeping)
      #expect(rest.plan.kept.isEmpty && rest.plan.threads.map(\.thread) == [one])
      #expect(rest.plan.branches.count == 1)
      #expect(try scene.file(one) == nil && status(scene, second) == .rolledBack)
      #expect(try status(scene, first) == .committed)
    }
  }

  @Test func theLatestIsTheOneThatIsPartlyUndoneNotAnOlderOne() throws {
    try play { scene, first, second in
      try scene.rollback()
      let again = try scene.rollback()
      #expect(again.plan.chosen?.id == second && again.transaction == nil)
      let rest = try scene.rollback(.latest, keeping)
      #expect(rest.plan.chosen?.id == second && rest.transaction != nil)
      #expect(try scene.file(Sample.thread(3)) != nil && status(scene, first) == .committed)
    }
  }

  @Test func whatWasUndoneAndDeliveredAgainIsNotUndoneWithTheRest() throws {
    try play { scene, _, second in
      try scene.rollback()
      let package = scene.root.appending("second")
      let again = try scene.sync(package)
      #expect(Set(again.plan.actions) == [.skip, .import])
      let rest = try scene.rollback(.id(second), keeping)
      #expect(rest.plan.transactions.map(\.id) == [second] && rest.plan.threads.map(\.thread) == [one])
      #expect(try scene.file(two) != nil && scene.file(one) == nil)
      #expect(try status(scene, try #require(again.transaction)) == .committed)
    }
  }

  @Test func anUndoingOfThePartIsUndone() throws {
    try play { scene, _, second in
      let before = try HomeSnapshot(scene.home)
      let partly = try scene.rollback()
      let rest = try scene.rollback(.id(second), keeping)
      try scene.rollback(.id(try #require(rest.transaction)))
      #expect(try status(scene, second) == .partlyRolledBack)
      #expect(try scene.file(one) != nil)
      try scene.rollback(.id(try #require(partly.transaction)))
      #expect(try status(scene, second) == .committed)
      #expect(try HomeSnapshot(scene.home).files.mapValues(\.bytes) == before.files.mapValues(\.bytes))
      #expect(try HomeSnapshot(scene.home).rows == before.rows)
    }
  }

  @Test func aSkillThatWasUndoneIsNotUndoneTwice() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      try package.put("skills/shop/SKILL.md", "shop")
      var options = SyncOptions()
      options.importsMissingSkills = true
      let first = try #require(try scene.sync(package, options).transaction)
      try scene.goOn(one)
      try scene.rollback()
      let skill = scene.home.root.pushing("skills/shop/SKILL.md")
      #expect(try FileStamp.of(skill) == nil)
      try scene.sync(package, options)
      let rest = try scene.rollback(.id(first), keeping)
      #expect(rest.plan.transactions.count == 1 && rest.plan.kept.isEmpty)
      #expect(try FileStamp.of(skill) != nil && scene.file(one) == nil)
    }
  }

  @Test func eachThreadOfADeliveryTellsWhatBecameOfIt() throws {
    try play { scene, _, second in
      let partly = try #require(try scene.rollback().transaction)
      let transaction = try #require(try scene.transactions().first { $0.id == second })
      let fates = Dictionary(uniqueKeysWithValues: transaction.threadFates.map { ($0.thread, $0.fate) })
      #expect(fates[one.text]??.reason == "continued" && fates[two.text]??.isUndone == true)
      #expect(fates.values.allSatisfy { $0?.transaction == partly })
      let lineages = try LineageLog(home: try scene.home.open(), surroundings: try scene.surroundings)
        .lineages(of: [one])
      #expect(lineages.flatMap(\.threads).flatMap(\.deliveries).map(\.fate?.reason) == ["continued"])
    }
  }

  @Test(arguments: [false, true]) func aDeliveryThatWasUndoneSaysSoWhenItComesAgain(_ isRebuilt: Bool) throws
  {
    try play { scene, _, second in
      let partly = try #require(try scene.rollback().transaction)
      if isRebuilt {
        try DurableFile.remove(scene.home.root.pushing("session-sync/sidecar.sqlite"))
        _ = try SidecarRebuild(home: try scene.home.open(), surroundings: try scene.surroundings).execute()
      }
      let plan = try scene.plan(scene.root.appending("second"))
      #expect(plan.entry(two)?.action == .import)
      let undone = plan.entry(two)?.warnings.first { $0.code == .undoneBefore }
      #expect(undone?.detail?.hasSuffix("rollback \(partly)") == true)
      let kept = plan.entry(one)?.warnings.first { $0.code == .keptBefore }
      #expect(plan.entry(one)?.action == .skip && kept?.detail?.hasSuffix("rollback \(partly)") == true)
      // What goes on from it brings it again, too; once it is here nothing is said of it any more.
      let more = try scene.package("more", Sample.talk("two", "three", thread: two))
      #expect(try scene.plan(more).sessions[0].warnings.contains { $0.code == .undoneBefore })
      try scene.sync(scene.root.appending("second"))
      #expect(try !scene.plan(more).sessions[0].warnings.contains { $0.code == .undoneBefore })
    }
  }

  @Test func whatHadBeenDeletedIsDeletedAgain() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      try scene.sync(package)
      try DurableFile.remove(try #require(try scene.file(one)))
      try scene.home.execute("DELETE FROM threads")
      #expect(try scene.plan(package).sessions[0].detail == .deletedLocally)
      var options = SyncOptions()
      options.restoresDeleted = true
      #expect(try scene.sync(package, options).plan.actions == [.import])
      let undone = try scene.rollback()
      #expect(try scene.plan(package).sessions[0].detail == .deletedLocally)
      let redone = try scene.rollback(.id(try #require(undone.transaction)))
      try scene.rollback(.id(try #require(redone.transaction)))
      #expect(try scene.plan(package).sessions[0].detail == .deletedLocally)
    }
  }
}

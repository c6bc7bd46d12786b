import CodexHome
import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

struct RunningCodexTests {
  /// A folder as `/proc` is: processes with a program and open files.
  private struct Processes {
    let folder: FilePath
    let database: FilePath

    init(_ folder: FilePath) throws {
      self.folder = folder.appending("proc")
      database = try folder.put("home/state_5.sqlite", "data")
      try folder.put("proc/meminfo", "")
    }

    func add(_ process: String, program: String, open: FilePath...) throws {
      try folder.put("\(process)/exe", program)
      let descriptors = folder.appending(process).appending("fd")
      try Folder.create(descriptors)
      for (number, file) in open.enumerated() {
        #expect(symlink(file.string, descriptors.appending("\(number)").string) == 0)
      }
    }

    var found: [Int] { RunningCodex.lockless(holding: database, processes: folder).map(\.id) }
  }

  private func withProcesses(_ body: (Processes) throws -> Void) throws {
    try withTemporaryFolder { try body(Processes($0)) }
  }

  @Test func aProgramThatHoldsTheCatalogueAndKnowsNoLocksIsFound() throws {
    try withProcesses { processes in
      try processes.add("12", program: "an old codex", open: "/dev/null", processes.database)
      try processes.add("13", program: "a new codex: thread-writer-locks/", open: processes.database)
      try processes.add("14", program: "something else", open: "/dev/null")
      try processes.add("self", program: "no process", open: processes.database)
      #expect(processes.found == [12])
    }
  }

  @Test func theNameIsFoundAcrossTheBordersOfWhatIsReadAtOnce() throws {
    let name = "thread-writer-locks"
    try withProcesses { processes in
      for shift in [0, 1, 10, name.utf8.count - 1, name.utf8.count] {
        let padding = String(repeating: "t", count: FileReading.chunkSize - shift)
        try processes.add("\(shift + 1)", program: padding + name + "end", open: processes.database)
      }
      #expect(processes.found.isEmpty)
    }
  }

  @Test func filesThatAreClosedMeanwhileAreNoMatter() throws {
    try withProcesses { processes in
      try processes.add("12", program: "", open: "/nowhere", "socket:[1]")
      _ = try processes.folder.appending("13").appending("fd").put("x", "")
      #expect(processes.found.isEmpty)
    }
  }

  @Test func aProgramThatCannotBeReadCountsAsOneWithoutLocks() throws {
    try withProcesses { processes in
      try processes.add("12", program: "thread-writer-locks", open: processes.database)
      try DurableFile.remove(processes.folder.appending("12/exe"))
      #expect(processes.found == [12])
    }
  }

  @Test func withoutCatalogueOrProcessesNothingIsFound() throws {
    try withProcesses { processes in
      #expect(RunningCodex.lockless(holding: processes.database, processes: "/nowhere").isEmpty)
      #expect(RunningCodex.lockless(holding: "/nowhere", processes: processes.folder).isEmpty)
    }
  }

  @Test func whoHasAFileOpenIsNamedWithItsCommandLine() throws {
    try withProcesses { processes in
      try processes.add("12", program: "codex", open: processes.database)
      try processes.folder.put("12/cmdline", "/opt/codex\u{0}app-server\u{0}--listen\u{0}unix://\u{0}")
      try processes.add("13", program: "codex", open: processes.database)
      let found = RunningCodex.holders(of: processes.database, processes: processes.folder)
      #expect(found.map(\.id) == [12, 13])
      #expect(found.map(\.command) == ["/opt/codex app-server --listen unix://", ""])
      #expect(found.map(\.isServer) == [true, false])
    }
  }
}

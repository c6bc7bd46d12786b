// swift-tools-version: 6.2
import PackageDescription

/// Settings shared by every Swift target: Swift 6 language mode comes with the tools version;
/// warnings are errors, so that `swift build` itself is the lint.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")

let package = Package(
  name: "codex-session-sync",
  platforms: [.macOS(.v15)],
  products: [
    // The use cases, and the modules whose types they speak in.
    .library(
      name: "SessionSync",
      targets: [
        "SessionSync", "CodexHome", "SessionPackage", "Journal", "Sidecar", "Lineage", "Rollout",
        "CanonicalJSON",
      ]),
    .executable(name: "codex-session-sync", targets: ["codex-session-sync"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  // One line per layer of docs/architecture.md, lowest first; a target may import only what it lists.
  targets: [
    // Layer 0: bytes, files, C.
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),
    .target(name: "CanonicalJSON", swiftSettings: strict),
    .target(name: "DurableFiles", dependencies: [system], swiftSettings: strict),

    // Layer 1: transcripts.
    .target(
      name: "Rollout", dependencies: ["CanonicalJSON", "DurableFiles", "CArchive", crypto, system],
      swiftSettings: strict),

    // Layer 2: pure decisions.
    .target(name: "Lineage", dependencies: ["Rollout", "CanonicalJSON", crypto], swiftSettings: strict),

    // Layer 3: stores. None imports another.
    .target(
      name: "CodexHome", dependencies: ["Rollout", "DurableFiles", "CanonicalJSON", grdb, toml, system],
      swiftSettings: strict),
    .target(
      name: "SessionPackage",
      dependencies: ["Rollout", "DurableFiles", "CanonicalJSON", "CArchive", crypto, system],
      swiftSettings: strict),
    .target(
      name: "Journal", dependencies: ["DurableFiles", "CanonicalJSON", crypto, system],
      swiftSettings: strict),

    .target(
      name: "Sidecar",
      dependencies: ["Lineage", "Rollout", "DurableFiles", "CanonicalJSON", grdb, system],
      swiftSettings: strict),

    // Layer 4: use cases.
    .target(
      name: "SessionSync",
      dependencies: [
        "CodexHome", "SessionPackage", "Journal", "Sidecar", "Lineage", "Rollout", "DurableFiles",
        "CanonicalJSON", crypto, system,
      ],
      swiftSettings: strict),

    // Layer 5: the command line.
    .executableTarget(
      name: "codex-session-sync",
      dependencies: [
        "SessionSync", "CodexHome", "SessionPackage", "Journal", "Sidecar", "Lineage", "Rollout",
        "DurableFiles", "CanonicalJSON", argumentParser, system,
      ],
      swiftSettings: strict),

    // What docs/library-example.md shows.
    .executableTarget(
      name: "inspect-example",
      dependencies: ["SessionSync", "CodexHome", "Lineage", "Rollout", "SessionPackage", system],
      path: "Examples/inspect-example", swiftSettings: strict),

    // JSON to test with, and the proof that `make prove` runs at length.
    .target(
      name: "JSONTestSupport", dependencies: ["CanonicalJSON"], path: "Tests/JSONTestSupport",
      swiftSettings: strict),
    .executableTarget(
      name: "prove", dependencies: ["JSONTestSupport", "CanonicalJSON"], path: "Tests/Proofs",
      exclude: ["compare_numbers.py"], swiftSettings: strict),

    // What `make bench` measures the digest with.
    .executableTarget(
      name: "rollout-digest", dependencies: ["Rollout", system], path: "Benchmarks/rollout-digest",
      swiftSettings: strict),

    .target(
      name: "SyncTestSupport",
      dependencies: [
        "JSONTestSupport", "SessionSync", "CodexHome", "Rollout", "DurableFiles", "CanonicalJSON", "CArchive",
        grdb, system,
      ],
      path: "Tests/SyncTestSupport", swiftSettings: strict),
    .testTarget(
      name: "CanonicalJSONTests", dependencies: ["CanonicalJSON", "JSONTestSupport", "SyncTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "DurableFilesTests", dependencies: ["DurableFiles", "SyncTestSupport"], swiftSettings: strict),
    .testTarget(
      name: "RolloutTests", dependencies: ["Rollout", "SyncTestSupport"], swiftSettings: strict),
    .testTarget(
      name: "LineageTests", dependencies: ["Lineage", "JSONTestSupport"], swiftSettings: strict),
    .testTarget(
      name: "CodexHomeTests", dependencies: ["CodexHome", "SyncTestSupport"], swiftSettings: strict),
    .testTarget(
      name: "SessionPackageTests", dependencies: ["SessionPackage", "SyncTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "JournalTests", dependencies: ["Journal", "JSONTestSupport", "SyncTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SidecarTests", dependencies: ["Sidecar", "SyncTestSupport", grdb], swiftSettings: strict),
    .testTarget(
      name: "SessionSyncTests", dependencies: ["SessionSync", "JSONTestSupport", "SyncTestSupport"],
      swiftSettings: strict),
    // Random worlds: a library, so that the test target and the runner share it.
    .target(
      name: "Simulation",
      dependencies: [
        "SessionSync", "CodexHome", "SessionPackage", "Journal", "Sidecar", "Rollout", "DurableFiles",
        "CanonicalJSON", "SyncTestSupport", system,
      ],
      path: "Tests/Simulation", swiftSettings: strict),
    .executableTarget(
      name: "simulate", dependencies: ["Simulation", system], path: "Tests/SimulationRunner",
      swiftSettings: strict),
    .testTarget(
      name: "SimulationTests", dependencies: ["Simulation", "Rollout", "SyncTestSupport", system],
      exclude: ["faults"], swiftSettings: strict),
    // Runs the built programs as a user does; the dependencies are there so that they are built.
    .testTarget(
      name: "CommandLineTests", dependencies: ["codex-session-sync", "inspect-example", "SyncTestSupport"],
      swiftSettings: strict),
  ]
)

#if os(Linux)
  // The crash matrix: the built program, stopped at every call by which it changes the disk. What stops it is loaded
  // with LD_PRELOAD.
  package.targets.append(
    .executableTarget(
      name: "crash-matrix",
      dependencies: [
        "SessionSync", "CodexHome", "SessionPackage", "Journal", "Lineage", "Rollout", "DurableFiles",
        "CanonicalJSON", "SyncTestSupport", grdb, system,
      ],
      path: "Tests/CrashMatrix", swiftSettings: strict))
#endif

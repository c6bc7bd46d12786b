/// The texts that a package carries for people.
enum PackageTexts {
  static let readme = """
    # Codex sessions

    This package holds Codex sessions: transcripts in `sessions/`, what Codex keeps about them in `metadata/`, \
    and, if the packer chose to, skills in `skills/`.

    `INSTALL_REMOTE.md` says how to bring them into a Codex home.

    """

  static let instructions = """
    # Bringing these sessions into a Codex home

    With codex-session-sync:

    ```text
    codex-session-sync inspect-package <this package>
    codex-session-sync sync <this package>
    codex-session-sync sync <this package> --execute
    ```

    The first two write nothing: they say, for each session, whether it is new here, continues one that is here,
    or has gone its own way. The third does it. `codex-session-sync rollback --latest --execute` undoes it.

    The layout is also that of codex-session-transfer, whose `install` accepts this package as a folder. It
    replaces a session that is here already; codex-session-sync does not.

    """

  static let localizationRule = """
    replace what stands before \\Documents\\ by the home folder of the machine that installs; \
    leave other paths as they are
    """
}

// Whoever builds samples with this module also spells and randomises them.
@_exported import JSONTestSupport

namespace Sampan.Conformance.Harness;

/// <summary>A test that a runtime is known not to pass, and why. It is asserted: once the runtime passes, the entry has to go.</summary>
/// <param name="Runtime">Name of the runtime.</param>
/// <param name="Test">Name of the test's method.</param>
/// <param name="Reason">What it does instead.</param>
/// <param name="Case">Of a theory, the argument of the case it is about: as it stands in the case's name; null for all.</param>
/// <param name="IsPending">True if it does so at times only, or while it is being built: the test is skipped where it does not pass.</param>
internal sealed record Deviation(string Runtime, string Test, string Reason, string? Case = null, bool IsPending = false);

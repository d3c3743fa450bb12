namespace Sampan.Linux.Seccomp;

/// <summary>A condition on one argument of a call.</summary>
/// <param name="Argument">Which, 0 to 5.</param>
/// <param name="Comparison">How.</param>
/// <param name="Value">With what.</param>
/// <param name="Mask">For <see cref="SeccompComparison.MaskedEqual"/>: which bits count. Else unused.</param>
public readonly record struct SeccompCondition(int Argument, SeccompComparison Comparison, ulong Value, ulong Mask = ulong.MaxValue);

namespace Sampan.Linux.Seccomp;

/// <summary>What happens to some calls, perhaps on conditions.</summary>
public sealed record SeccompRule
{
    /// <summary>Names of the calls; one that an architecture does not have is passed over there.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>What happens.</summary>
    public required SeccompAction Action { get; init; }

    /// <summary>All must hold; none means always.</summary>
    public IReadOnlyList<SeccompCondition> Conditions { get; init; } = [];
}

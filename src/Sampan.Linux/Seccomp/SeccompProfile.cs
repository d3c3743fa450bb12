namespace Sampan.Linux.Seccomp;

/// <summary>
/// Which system calls a process may make. For one call, the conditional rules are tried in their order and the first that holds decides;
/// then the first rule without conditions; then <see cref="DefaultAction"/>.
/// </summary>
public sealed record SeccompProfile
{
    /// <summary>For calls that no rule decides.</summary>
    public required SeccompAction DefaultAction { get; init; }

    /// <summary>Interfaces besides the native one. All that is not listed is closed: foreign architectures are killed, x32 gets ENOSYS.</summary>
    public IReadOnlyList<SeccompArchitecture> Architectures { get; init; } = [];

    /// <summary>The rules.</summary>
    public IReadOnlyList<SeccompRule> Rules { get; init; } = [];

    /// <summary>How to install it.</summary>
    public SeccompFlags Flags { get; init; }
}

namespace Sampan.Runtime;

/// <summary>An OCI runtime other than this one: a program with runc's command line.</summary>
public sealed record OtherRuntimeChoice
{
    /// <summary>The program, an absolute path.</summary>
    public string Path { get => field ?? ""; init; }

    /// <summary>Arguments before those of each command.</summary>
    public IReadOnlyList<string> Arguments { get => field ?? []; init; }
}

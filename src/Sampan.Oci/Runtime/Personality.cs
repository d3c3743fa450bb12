namespace Sampan.Oci.Runtime;

/// <summary>Execution domain of the process. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#personality">the specification</see>.</summary>
public sealed record Personality
{
    /// <summary><c>LINUX</c> or <c>LINUX32</c>.</summary>
    public string Domain { get => field ?? ""; init; }

    /// <summary>None are defined yet.</summary>
    public IReadOnlyList<string> Flags { get => field ?? []; init; }
}

namespace Sampan.Oci.Runtime;

/// <summary>One program run at a point of the life cycle; it reads the container's state on standard input. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#posix-platform-hooks">the specification</see>.</summary>
public sealed record Hook
{
    /// <summary>Absolute path of the program.</summary>
    public string Path { get => field ?? ""; init; }

    /// <summary>Arguments including the zeroth; empty means the path alone.</summary>
    public IReadOnlyList<string> Args { get => field ?? []; init; }

    /// <summary>The environment, exactly these entries.</summary>
    public IReadOnlyList<string> Env { get => field ?? []; init; }

    /// <summary>Seconds before the hook is killed, or null for no limit.</summary>
    public int? Timeout { get; init; }
}

namespace Sampan.Oci.Runtime;

/// <summary>Who a process runs as. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#posix-platform-user">the specification</see>.</summary>
public sealed record OciUser
{
    /// <summary>User id inside the container.</summary>
    public uint Uid { get; init; }

    /// <summary>Group id inside the container.</summary>
    public uint Gid { get; init; }

    /// <summary>File mode creation mask, or null for the default 0022.</summary>
    public uint? Umask { get; init; }

    /// <summary>Supplementary groups; exactly these are set.</summary>
    public IReadOnlyList<uint> AdditionalGids { get => field ?? []; init; }

    /// <summary>Name of the user; used on Windows only.</summary>
    public string? Username { get; init; }
}

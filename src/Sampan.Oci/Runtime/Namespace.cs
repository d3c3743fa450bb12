namespace Sampan.Oci.Runtime;

/// <summary>A namespace to make, or to join when it has a path. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#namespaces">the specification</see>.</summary>
public sealed record Namespace
{
    /// <summary><c>mount</c>, <c>pid</c>, <c>network</c>, <c>uts</c>, <c>ipc</c>, <c>user</c>, <c>cgroup</c> or <c>time</c>.</summary>
    public string Type { get => field ?? ""; init; }

    /// <summary>File of a namespace to join; null makes a new one.</summary>
    public string? Path { get; init; }
}

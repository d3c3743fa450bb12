namespace Sampan.Engine.Devices;

/// <summary>A device node of a CDI device; what it does not say is as on the host.</summary>
internal sealed record CdiDeviceNode
{
    /// <summary>Where it is in the container.</summary>
    public string Path { get => field ?? ""; init; }

    /// <summary>Where it is on the host; null: the same path.</summary>
    public string? HostPath { get; init; }

    /// <summary><c>c</c>, <c>b</c>, <c>u</c> or <c>p</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Major number.</summary>
    public long? Major { get; init; }

    /// <summary>Minor number.</summary>
    public long? Minor { get; init; }

    /// <summary>Permission bits.</summary>
    public uint? FileMode { get; init; }

    /// <summary>What the container may do with it; null: <c>rwm</c>.</summary>
    public string? Permissions { get; init; }

    /// <summary>Owner.</summary>
    public uint? Uid { get; init; }

    /// <summary>Group.</summary>
    public uint? Gid { get; init; }
}

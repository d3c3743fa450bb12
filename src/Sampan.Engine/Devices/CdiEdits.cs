namespace Sampan.Engine.Devices;

/// <summary>What a CDI device adds to a container.</summary>
internal sealed record CdiEdits
{
    /// <summary>Variables, <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Env { get => field ?? []; init; }

    /// <summary>Device nodes.</summary>
    public IReadOnlyList<CdiDeviceNode> DeviceNodes { get => field ?? []; init; }

    /// <summary>Mounts.</summary>
    public IReadOnlyList<CdiMount> Mounts { get => field ?? []; init; }

    /// <summary>Programs that the runtime runs.</summary>
    public IReadOnlyList<CdiHook> Hooks { get => field ?? []; init; }

    /// <summary>Groups of the process.</summary>
    public IReadOnlyList<uint> AdditionalGids { get => field ?? []; init; }
}

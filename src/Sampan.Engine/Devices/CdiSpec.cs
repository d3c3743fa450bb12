namespace Sampan.Engine.Devices;

/// <summary>A file of the Container Device Interface: devices of one kind, and what a container needs to have each. See <see href="https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md">the specification</see>.</summary>
internal sealed record CdiSpec
{
    /// <summary>The format's version.</summary>
    public string CdiVersion { get => field ?? ""; init; }

    /// <summary><c>vendor/class</c>.</summary>
    public string Kind { get => field ?? ""; init; }

    /// <summary>Words for people and programs; nothing is done with them.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>The devices.</summary>
    public IReadOnlyList<CdiDevice> Devices { get => field ?? []; init; }

    /// <summary>What a container needs for any of them.</summary>
    public CdiEdits? ContainerEdits { get; init; }
}

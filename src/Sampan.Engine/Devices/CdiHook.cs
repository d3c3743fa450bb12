namespace Sampan.Engine.Devices;

/// <summary>A program that the runtime runs for a CDI device.</summary>
internal sealed record CdiHook
{
    /// <summary>When: the runtime specification's word.</summary>
    public string HookName { get => field ?? ""; init; }

    /// <summary>The program.</summary>
    public string Path { get => field ?? ""; init; }

    /// <summary>Its arguments, the first its name.</summary>
    public IReadOnlyList<string> Args { get => field ?? []; init; }

    /// <summary>Its variables; nothing of the container's is among them.</summary>
    public IReadOnlyList<string> Env { get => field ?? []; init; }

    /// <summary>Seconds; null: as long as it takes.</summary>
    public int? Timeout { get; init; }
}

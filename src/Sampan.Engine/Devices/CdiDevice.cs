namespace Sampan.Engine.Devices;

/// <summary>A device of a CDI file.</summary>
internal sealed record CdiDevice
{
    /// <summary>Its name within the kind.</summary>
    public string Name { get => field ?? ""; init; }

    /// <inheritdoc cref="CdiSpec.Annotations"/>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>What a container needs for it.</summary>
    public CdiEdits? ContainerEdits { get; init; }
}

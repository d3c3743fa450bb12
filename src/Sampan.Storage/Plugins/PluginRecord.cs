using Sampan.Oci.Images;
using Sampan.Oci.Plugins;

namespace Sampan.Storage.Plugins;

/// <summary>A managed plugin as its record has it.</summary>
public sealed record PluginRecord
{
    /// <summary>Its identity: 64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Its name here with its tag, as people write it: <c>sampan/volumes:latest</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where it came from: the whole reference of a pulled one, the name of one that was made here.</summary>
    public required string Reference { get; init; }

    /// <summary>The blob with its configuration.</summary>
    public required Descriptor ConfigBlob { get; init; }

    /// <summary>The blob with its manifest, as a push sends it.</summary>
    public required Descriptor Manifest { get; init; }

    /// <summary>The blobs with its files, lowest first.</summary>
    public required IReadOnlyList<Descriptor> Layers { get; init; }

    /// <summary>The directory with its files, beside the record: another one after an upgrade.</summary>
    public required string Files { get; init; }

    /// <summary>What it is and asks for.</summary>
    public required PluginConfig Config { get; init; }

    /// <summary>What its user has set.</summary>
    public required PluginSettings Settings { get; init; }

    /// <summary>It runs, and is started again with the machine.</summary>
    public bool Enabled { get; init; }

    /// <summary>True if it does for Docker's engine what this name means: <c>volumedriver</c>, <c>authz</c>.</summary>
    public bool Provides(string capability) => Config.Interface.Types?.Any(type => type.Is(capability)) == true;
}

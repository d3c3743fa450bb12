using System.Collections.ObjectModel;

namespace Sampan.Oci.Runtime;

/// <summary>What a runtime can do, as <c>features</c> prints it. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/features.md">the specification</see>.</summary>
public sealed record Features
{
    /// <summary>Oldest version accepted.</summary>
    public string OciVersionMin { get => field ?? ""; init; }

    /// <summary>Newest version accepted.</summary>
    public string OciVersionMax { get => field ?? ""; init; }

    /// <summary>Hooks known.</summary>
    public IReadOnlyList<string> Hooks { get => field ?? []; init; }

    /// <summary>Mount options known.</summary>
    public IReadOnlyList<string> MountOptions { get => field ?? []; init; }

    /// <summary>What only Linux has.</summary>
    public LinuxFeatures? Linux { get; init; }

    /// <summary>Free key-value pairs.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Annotations that change behaviour and should not come from an image.</summary>
    public IReadOnlyList<string> PotentiallyUnsafeConfigAnnotations { get => field ?? []; init; }
}

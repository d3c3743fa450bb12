namespace Sampan.Oci.Runtime;

/// <summary>Filter support of a runtime. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/features-linux.md">the specification</see>.</summary>
public sealed record SeccompFeatures
{
    /// <summary>True if filters work.</summary>
    public bool Enabled { get; init; }

    /// <summary>Actions known.</summary>
    public IReadOnlyList<string> Actions { get => field ?? []; init; }

    /// <summary>Comparisons known.</summary>
    public IReadOnlyList<string> Operators { get => field ?? []; init; }

    /// <summary>Architectures known.</summary>
    public IReadOnlyList<string> Archs { get => field ?? []; init; }

    /// <summary>Flags known.</summary>
    public IReadOnlyList<string> KnownFlags { get => field ?? []; init; }

    /// <summary>Flags that the kernel has too.</summary>
    public IReadOnlyList<string> SupportedFlags { get => field ?? []; init; }
}

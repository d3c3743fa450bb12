namespace Sampan.Runtime.Filters;

/// <summary>Where a rule of Docker's file format holds.</summary>
internal sealed record DockerFilter
{
    /// <summary>Capabilities the container has.</summary>
    public IReadOnlyList<string> Caps { get => field ?? []; init; }

    /// <summary>Machines by Go's names: <c>amd64</c>, <c>arm64</c>.</summary>
    public IReadOnlyList<string> Arches { get => field ?? []; init; }

    /// <summary>Oldest kernel: <c>4.8</c>.</summary>
    public string? MinKernel { get; init; }
}

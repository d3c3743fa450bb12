namespace Sampan.Engine.Containers.Wishes;

/// <summary>Devices asked for in words.</summary>
public sealed record DeviceWish
{
    /// <summary><c>cdi</c>: <see cref="Ids"/> are names such as <c>vendor.com/class=name</c>; null: whoever has the capabilities.</summary>
    public string? Driver { get; init; }

    /// <summary>How many; -1: all; 0: as <see cref="Ids"/> say.</summary>
    public int Count { get; init; }

    /// <summary>Which.</summary>
    public IReadOnlyList<string> Ids { get => field ?? []; init; }

    /// <summary>What they must be able to do: any of the lists, all words of it.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Capabilities { get => field ?? []; init; }

    /// <summary>Words for the driver.</summary>
    public IReadOnlyDictionary<string, string> Options { get => field ?? System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty; init; }
}

namespace Sampan.Network;

/// <summary>Network namespaces that were made before anybody asked for them.</summary>
public sealed record PoolState
{
    /// <summary>How many with a pair of links are kept; 0: none are made ahead.</summary>
    public int Size { get; init; }

    /// <summary>How many without links are kept, for networks that have no bridge.</summary>
    public int BareSize { get; init; }

    /// <summary>How many of the former there are now.</summary>
    public int Ready { get; init; }

    /// <summary>How many of the latter there are now.</summary>
    public int BareReady { get; init; }

    /// <summary>Starts that found one.</summary>
    public long Taken { get; init; }

    /// <summary>Starts that found none and made their own.</summary>
    public long Missed { get; init; }
}

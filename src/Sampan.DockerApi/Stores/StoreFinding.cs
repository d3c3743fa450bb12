namespace Sampan.DockerApi.Stores;

/// <summary>Something in the store that is not as it should be.</summary>
public sealed record StoreFinding
{
    /// <summary>What it is found in, as in a ledger.</summary>
    public string Kind { get; init => field = value ?? ""; } = "";

    /// <summary>Which one.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>What is wrong.</summary>
    public string Problem { get; init => field = value ?? ""; } = "";

    /// <summary>What was done, or can be.</summary>
    public string Remedy { get; init => field = value ?? ""; } = "";

    /// <summary>Whether it was done.</summary>
    public bool Repaired { get; init; }
}

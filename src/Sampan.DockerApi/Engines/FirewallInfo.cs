namespace Sampan.DockerApi.Engines;

/// <summary>The firewall that the engine uses.</summary>
public sealed record FirewallInfo
{
    /// <summary>Its name.</summary>
    public string Driver { get; init => field = value ?? ""; } = "";

    /// <summary>Further facts: pairs.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? Info { get; init; }
}

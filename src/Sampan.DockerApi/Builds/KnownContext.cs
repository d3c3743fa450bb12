namespace Sampan.DockerApi.Builds;

/// <summary>Sampan only: what the engine has of a context that a client offered to send.</summary>
public sealed record KnownContext
{
    /// <summary>The offer, for <see cref="Images.BuildOptions.KnownContext"/>; null: all has to be sent.</summary>
    public string? Id { get; init; }

    /// <summary>For each file, in the order in which they were offered, a 1 if its content need not be sent.</summary>
    public string Known { get; init; } = "";
}

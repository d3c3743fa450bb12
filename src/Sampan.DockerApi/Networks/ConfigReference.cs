namespace Sampan.DockerApi.Networks;

/// <summary>The network whose configuration another one takes.</summary>
public sealed record ConfigReference
{
    /// <summary>Its name; empty: none.</summary>
    public string Network { get; init => field = value ?? ""; } = "";
}

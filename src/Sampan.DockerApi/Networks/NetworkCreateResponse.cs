namespace Sampan.DockerApi.Networks;

/// <summary>The answer of POST /networks/create.</summary>
public sealed record NetworkCreateResponse
{
    /// <summary>The network's id.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>What was accepted but does nothing.</summary>
    public string Warning { get; init => field = value ?? ""; } = "";
}

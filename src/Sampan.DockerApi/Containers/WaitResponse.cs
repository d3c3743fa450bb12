namespace Sampan.DockerApi.Containers;

/// <summary>The answer of POST /containers/{id}/wait.</summary>
public sealed record WaitResponse
{
    /// <summary>The exit code.</summary>
    public long StatusCode { get; init; }

    /// <summary>Why waiting failed; null: it didn't.</summary>
    public WaitError? Error { get; init; }
}

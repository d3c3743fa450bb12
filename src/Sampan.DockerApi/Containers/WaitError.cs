namespace Sampan.DockerApi.Containers;

/// <summary>Why waiting for a container failed.</summary>
public sealed record WaitError
{
    /// <summary>The reason.</summary>
    public string Message { get; init => field = value ?? ""; } = "";
}

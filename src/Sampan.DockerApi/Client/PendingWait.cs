using Sampan.DockerApi.Containers;

namespace Sampan.DockerApi.Client;

/// <summary>A wait that the engine has taken note of.</summary>
public sealed class PendingWait
{
    internal PendingWait(Task<WaitResponse> exit) => Exit = exit;

    /// <summary>Completes when the container has ended.</summary>
    public Task<WaitResponse> Exit { get; }
}

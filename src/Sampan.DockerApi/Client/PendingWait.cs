using Sampan.DockerApi.Containers;

namespace Sampan.DockerApi.Client;

/// <summary>A wait that the engine has taken note of.</summary>
public sealed class PendingWait
{
    private readonly Func<Task<WaitResponse>> _read;

    internal PendingWait(Func<Task<WaitResponse>> read) => _read = read;

    /// <summary>Waits until the container has ended. Call it once: it reads the answer.</summary>
    public Task<WaitResponse> ReadAsync() => _read();
}

using Sampan.Engine.Supervision;

namespace Sampan.Engine.Containers.Streams;

/// <summary>Somebody attached before the start: gets a connection between the making of the container and its program's first instruction.</summary>
internal sealed class PendingWire(AttachOptions options)
{
    /// <summary>What is wanted.</summary>
    public AttachOptions Options { get; } = options;

    /// <summary>The connection; null: the start failed or the container went.</summary>
    public TaskCompletionSource<Wire?> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Nobody waits any more: a connection that is there all the same is hung up.</summary>
    public async ValueTask LeaveAsync()
    {
        if (!Completion.TrySetResult(null) && await Completion.Task is { } wire)
            await wire.DisposeAsync();
    }
}

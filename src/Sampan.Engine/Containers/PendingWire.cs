using Sampan.Engine.Supervision;

namespace Sampan.Engine.Containers;

/// <summary>Somebody attached before the start: gets a connection between the making of the container and its program's first instruction.</summary>
internal sealed class PendingWire(AttachOptions options)
{
    /// <summary>What is wanted.</summary>
    public AttachOptions Options { get; } = options;

    /// <summary>The connection; null: the start failed or the container went.</summary>
    public TaskCompletionSource<Wire?> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Sampan.Server.Grpc;

/// <summary>A connection that another server took over, as it is given to the next.</summary>
internal sealed class HijackedConnection(string id, IDuplexPipe transport) : ConnectionContext
{
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when nothing is served on it any more.</summary>
    internal Task Ended => _ended.Task;

    /// <inheritdoc/>
    public override string ConnectionId { get; set; } = id;

    /// <inheritdoc/>
    public override IDuplexPipe Transport { get; set; } = transport;

    /// <inheritdoc/>
    public override IFeatureCollection Features { get; } = new FeatureCollection();

    /// <inheritdoc/>
    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint { get; set; }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint { get; set; }

    /// <inheritdoc/>
    public override CancellationToken ConnectionClosed { get => _closed.Token; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        _closed.Cancel();
        Transport.Input.CancelPendingRead();
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _ended.TrySetResult();
        return ValueTask.CompletedTask;
    }
}

using Google.Protobuf;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos;

namespace Sampan.BuildKit.Sessions;

/// <summary>A client that stays connected and answers what builds ask it: for files, secrets, passwords, agents. Thread-safe.</summary>
public sealed class ClientSession : IAsyncDisposable
{
    private const string HealthCheck = "/grpc.health.v1.Health/Check";

    // As BuildKit asks; who does not answer for so long is gone, though the connection may stand.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _end = new();
    private readonly GrpcClient _client;
    private readonly TimeProvider _time;
    private int _isDisposed;

    internal ClientSession(SessionFacts facts, Stream connection, TimeProvider time)
    {
        Facts = facts;
        _time = time;
        Ended = _end.Token;
        _client = new GrpcClient(new SessionConnection(connection, End));
    }

    /// <summary>What the client said of it.</summary>
    public SessionFacts Facts { get; }

    /// <summary>Cancelled when the connection is over.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Whether the client serves a method, given as <c>/package.Service/Method</c>.</summary>
    public bool Serves(string method) => Facts.Methods.Contains(method);

    /// <summary>Begins a call; it ends with the session.</summary>
    /// <inheritdoc cref="GrpcClient.Open"/>
    public GrpcCall<TRequest, TResponse> Open<TRequest, TResponse>(string method, IEnumerable<KeyValuePair<string, string>> headers, MessageParser<TResponse> parser, CancellationToken ct)
        where TRequest : class, IMessage
        where TResponse : class, IMessage<TResponse> => _client.Open<TRequest, TResponse>(method, headers, parser, ct);

    /// <summary>Asks once.</summary>
    /// <inheritdoc cref="GrpcClient.CallAsync"/>
    public Task<TResponse> CallAsync<TRequest, TResponse>(string method, TRequest request, MessageParser<TResponse> parser, CancellationToken ct)
        where TRequest : class, IMessage
        where TResponse : class, IMessage<TResponse> => _client.CallAsync(method, request, parser, ct);

    /// <summary>Ends it: the connection is closed, and calls fail.</summary>
    internal void End()
    {
        try
        {
            _end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    /// <summary>Returns when the connection is over or the client no longer answers.</summary>
    internal async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                using var patience = new CancellationTokenSource(s_patience, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, Ended);
                await _client.CallAsync(HealthCheck, new HealthCheckRequest(), HealthCheckResponse.Parser, either.Token);
                await Task.Delay(s_interval, _time, Ended);
            }
        }
        catch (Exception over) when (over is OperationCanceledException or GrpcException)
        {
            // Either side ended it.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _end.CancelAsync();
        _client.Dispose();
        _end.Dispose();
    }
}

using System.Net;
using System.Text;
using Google.Protobuf;

namespace Sampan.BuildKit.Grpc;

/// <summary>Calls methods over one connection that is open already, by HTTP/2 without an upgrade. Thread-safe.</summary>
public sealed class GrpcClient : IDisposable
{
    // What may be under way to us without our having read it, for each call: the client sends contexts by it.
    private const int Window = 1 << 20;

    private readonly HttpMessageInvoker _http;
    private readonly Stream _whole;
    private Stream? _connection;

    /// <param name="connection">The connection; it goes with the client.</param>
    public GrpcClient(Stream connection)
    {
        _connection = _whole = new MetadataLists(connection);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => Interlocked.Exchange(ref _connection, null) is { } only ? ValueTask.FromResult(only) : throw new IOException("the connection is over"),
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            UseCookies = false,
            UseProxy = false,
            EnableMultipleHttp2Connections = false,
            InitialHttp2StreamWindowSize = Window,
            MaxResponseHeadersLength = 64,
            // File names in headers.
            RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
        });
    }

    /// <summary>Begins a call in which both sides may say many messages.</summary>
    /// <param name="method">As <c>/package.Service/Method</c>.</param>
    /// <param name="headers">What goes with it; a name may come several times.</param>
    /// <param name="parser">What the other side says.</param>
    /// <param name="ct">Ends the call.</param>
    public GrpcCall<TRequest, TResponse> Open<TRequest, TResponse>(string method, IEnumerable<KeyValuePair<string, string>> headers, MessageParser<TResponse> parser, CancellationToken ct)
        where TRequest : class, IMessage
        where TResponse : class, IMessage<TResponse>
    {
        var question = new HttpRequestMessage(HttpMethod.Post, new Uri("http://session" + method)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        question.Headers.TryAddWithoutValidation("te", "trailers");
        foreach (var values in headers.GroupBy(header => header.Key, header => header.Value, StringComparer.Ordinal))
            question.Headers.TryAddWithoutValidation(values.Key, string.Join(MetadataLists.Separator, values));
        return new GrpcCall<TRequest, TResponse>(_http, question, parser, ct);
    }

    /// <summary>Asks once and gets one answer.</summary>
    /// <param name="method">As <c>/package.Service/Method</c>.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="parser">What the answer is.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="GrpcException">The other side refused, or is gone.</exception>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(string method, TRequest request, MessageParser<TResponse> parser, CancellationToken ct)
        where TRequest : class, IMessage
        where TResponse : class, IMessage<TResponse>
    {
        await using var call = Open<TRequest, TResponse>(method, [], parser, ct);
        await call.WriteAsync(request, ct);
        call.Complete();
        var answer = await call.ReadAsync(ct) ?? throw new GrpcException(GrpcCode.Internal, $"'{method}' ended without an answer");
        return await call.ReadAsync(ct) is null ? answer : throw new GrpcException(GrpcCode.Internal, $"'{method}' gave more than one answer");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _whole.Dispose();
    }
}

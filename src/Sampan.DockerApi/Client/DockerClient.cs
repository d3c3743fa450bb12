using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Sampan.DockerApi.Client;

/// <summary>
/// The Docker Engine API, typed, over a Unix socket or TCP; works with any engine that speaks it. Calls may run side by
/// side; each failure is a <see cref="DockerApiException"/>. Names and ids are used as given and escaped where needed.
/// </summary>
public sealed partial class DockerClient : IDisposable
{
    private readonly ApiVersion? _pinned;
    private ApiVersion _version;

    // Guards the idle connections.
    private readonly Lock _gate = new();
    private readonly Stack<HttpConnection> _idle = new();
    private bool _disposed;

    /// <summary>A client of the engine at <paramref name="endpoint"/>; null for <paramref name="version"/>: the newest version both speak, up to <paramref name="newest"/> if given.</summary>
    public DockerClient(DockerEndpoint endpoint, ApiVersion? version = null, ApiVersion? newest = null)
    {
        Endpoint = endpoint;
        _pinned = version;
        _version = version ?? newest ?? ApiVersion.Newest;
    }

    /// <summary>Where the engine listens.</summary>
    public DockerEndpoint Endpoint { get; }

    /// <summary>Headers that go with every request.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>
    /// Whether one call is awaited before the next is made. Then each waits in the kernel, in the calling thread, and the threads that waiting for many
    /// things takes are never started: for a command that lives for milliseconds a third of its time. Cancellation is not heeded then.
    /// </summary>
    public bool IsSequential { get; set; }

    /// <summary>Whether nothing may be changed: any call that is no question is a mistake then, and not made.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Connects to an engine's Unix socket for one call after the other; null, or where it answers null: the framework's socket, which also says what is wrong.</summary>
    public Func<string, IEngineLine?>? LineTo { get; init; }

    /// <summary>Is told of each request and the status of its answer; null: nobody is.</summary>
    public Action<string>? Trace { get; init; }

    /// <summary>The version used; settled after the first answer.</summary>
    public ApiVersion Version => _version;

    /// <summary>Closes idle connections; streams handed out live on until they are disposed.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            while (_idle.TryPop(out var connection)) connection.Dispose();
        }
    }

    internal Task<DockerResponse> SendAsync(string method, QueryString target, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequest { Method = method, Target = target.ToString() }, cancellationToken);

    internal Task<DockerResponse> SendAsync<T>(string method, QueryString target, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequest { Method = method, Target = target.ToString(), Content = JsonSerializer.SerializeToUtf8Bytes(body, type) }, cancellationToken);

    internal Task<DockerResponse> SendAsync(string method, QueryString target, byte[] body, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequest { Method = method, Target = target.ToString(), Content = body }, cancellationToken);

    /// <summary>Sends a request and returns its successful answer; a refusal becomes an exception.</summary>
    internal async Task<DockerResponse> SendAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (IsReadOnly && request.Method is not ("GET" or "HEAD")) throw new InvalidOperationException($"{request.Method} {request.Target} would change something");
        // What is sent only once must go out under a version that is known to be understood.
        if (request.Upload is not null) await PingAsync(cancellationToken).ConfigureAwait(false);
        var (connection, head) = await ExchangeAsync(request, cancellationToken).ConfigureAwait(false);
        if (Renegotiate(head))
        {
            connection.Dispose();
            (connection, head) = await ExchangeAsync(request, cancellationToken).ConfigureAwait(false);
        }
        var response = new DockerResponse(head, new HttpBody(connection, head, IsBodyless(request, head), GiveBack));
        response.Body.EndIfEmpty();
        if (head.Status is < 300 or 304) return response;
        using (response) throw await RefusalAsync(response, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a request after whose answer the connection is a raw stream.</summary>
    internal async Task<HijackedStream> HijackAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (IsReadOnly) throw new InvalidOperationException($"{request.Method} {request.Target} would change something");
        request = request with { Hijack = true };
        var (connection, head) = await ExchangeAsync(request, cancellationToken).ConfigureAwait(false);
        if (Renegotiate(head))
        {
            connection.Dispose();
            (connection, head) = await ExchangeAsync(request, cancellationToken).ConfigureAwait(false);
        }
        if (head.Status is 101 or 200) return new HijackedStream(connection, head["Content-Type"]);
        using var response = new DockerResponse(head, new HttpBody(connection, head, IsBodyless(request, head), static c => c.Dispose()));
        throw head.Status >= 400
            ? await RefusalAsync(response, cancellationToken).ConfigureAwait(false)
            : new DockerApiException(head.Status, $"the engine answered {head.Status} where a stream was expected");
    }

    internal async Task<T> ReadAsync<T>(DockerResponse response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using (response)
        {
            byte[] json = await response.ReadAllAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return JsonSerializer.Deserialize(json, type) ?? throw new DockerApiException(null, "the engine's answer is empty");
            }
            catch (JsonException e)
            {
                throw new DockerApiException(null, $"the engine's answer is not the JSON that was expected: {e.Message}", e);
            }
        }
    }

    /// <summary>Reads an answer that is needed often without a serializer, whose metadata takes longer to build than all else does.</summary>
    internal static async Task<T> ReadAsync<T>(DockerResponse response, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        using (response)
        {
            byte[] json = await response.ReadAllAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                using var document = JsonDocument.Parse(json);
                return read(document.RootElement);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                throw new DockerApiException(null, $"the engine's answer is not the JSON that was expected: {e.Message}", e);
            }
        }
    }

    /// <summary>Reads an answer that may be long, and is needed often, as it lies there.</summary>
    internal static async Task<T> ReadBytesAsync<T>(DockerResponse response, Func<byte[], T> read, CancellationToken cancellationToken)
    {
        using (response)
        {
            byte[] json = await response.ReadAllAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return read(json);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                throw new DockerApiException(null, $"the engine's answer is not the JSON that was expected: {e.Message}", e);
            }
        }
    }

    internal async Task<T> GetAsync<T>(QueryString target, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        await ReadAsync(await SendAsync("GET", target, cancellationToken).ConfigureAwait(false), type, cancellationToken).ConfigureAwait(false);

    internal async Task<byte[]> GetJsonAsync(QueryString target, CancellationToken cancellationToken)
    {
        using var response = await SendAsync("GET", target, cancellationToken).ConfigureAwait(false);
        return await response.ReadAllAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A call without an answer's body; true: done, false: it was so already (304).</summary>
    internal async Task<bool> DoAsync(string method, QueryString target, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, target, cancellationToken).ConfigureAwait(false);
        await response.ReadAllAsync(cancellationToken).ConfigureAwait(false);
        return response.Head.Status != 304;
    }

    /// <summary>A name as part of a path: escaped, but with the slashes and colons that image names have.</summary>
    // Without a name the path would be that of another endpoint: the list, or all of them.
    internal static string Segment(string name) => name.Trim().Length == 0
        ? throw new DockerApiException(null, "invalid name or ID: value is empty")
        : Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3A", ":", StringComparison.Ordinal).Replace("%40", "@", StringComparison.Ordinal);

    private async Task<(HttpConnection Connection, HttpHead Head)> ExchangeAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (Headers.Count > 0) request = request with { Headers = [.. request.Headers, .. Headers] };
        while (true)
        {
            var connection = TakeIdle() ?? ConnectLine() ?? new HttpConnection(await Endpoint.ConnectAsync(IsSequential, cancellationToken).ConfigureAwait(false), IsSequential);
            try
            {
                string path = request.Target == "/_ping" ? request.Target : $"/v{_version}{request.Target}";
                await connection.SendAsync(request, path, Endpoint.Authority, cancellationToken).ConfigureAwait(false);
                bool reused = connection.WasUsed;
                var head = await connection.ReceiveHeadAsync(cancellationToken).ConfigureAwait(false);
                if (head is not null)
                {
                    Trace?.Invoke($"{request.Method} {path}: {head.Status}");
                    return (connection, head);
                }
                connection.Dispose();
                // An idle connection may have been closed by the engine before our request reached it.
                if (reused && request.Upload is null) continue;
                throw new DockerApiException(null, $"the engine at '{Endpoint.Text}' closed the connection without an answer") { IsCutOff = true };
            }
            catch (SocketException e)
            {
                bool reused = connection.WasUsed;
                connection.Dispose();
                if (reused && request.Upload is null) continue;
                throw new DockerApiException(null, $"lost the connection to the engine at '{Endpoint.Text}': {e.Message}", e);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
    }

    /// <summary>An engine that is older than we are refuses our version with 400 and names its own: go down to that, once.</summary>
    private bool Renegotiate(HttpHead head)
    {
        if (head.Status != 400 || _pinned is not null || !ApiVersion.TryParse(head["Api-Version"], out var theirs) || theirs >= _version) return false;
        _version = theirs;
        return true;
    }

    private static bool IsBodyless(HttpRequest request, HttpHead head) => request.Method == "HEAD" || head.Status is 204 or 304;

    private static async Task<DockerApiException> RefusalAsync(DockerResponse response, CancellationToken cancellationToken)
    {
        byte[] body = await response.ReadAllAsync(cancellationToken).ConfigureAwait(false);
        string? message = null;
        try
        {
            if (body.Length > 0) message = JsonSerializer.Deserialize(body, DockerApiJson.Wire.ErrorResponse)?.Message;
        }
        catch (JsonException)
        {
            // Not every refusal is JSON: proxies and very old engines send plain text, which is taken as it is.
            message = Encoding.UTF8.GetString(body).Trim();
        }
        return new DockerApiException(response.Head.Status, string.IsNullOrEmpty(message) ? $"the engine answered {response.Head.Status} without saying why" : message.TrimEnd());
    }

    private HttpConnection? ConnectLine() =>
        IsSequential && Endpoint.SocketPath is { } path && LineTo?.Invoke(path) is { } line ? new HttpConnection(line) : null;

    private HttpConnection? TakeIdle()
    {
        lock (_gate) return _idle.TryPop(out var connection) ? connection : null;
    }

    private void GiveBack(HttpConnection connection)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _idle.Push(connection);
                return;
            }
        }
        connection.Dispose();
    }
}

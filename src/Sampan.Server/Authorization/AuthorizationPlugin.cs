using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Sampan.Engine;

namespace Sampan.Server.Authorization;

/// <summary>The line to one authorization plugin: HTTP with JSON, over its socket. Whatever goes wrong there is a refusal.</summary>
internal sealed class AuthorizationPlugin : IDisposable
{
    /// <summary>The name of the protocol in a plugin's activation.</summary>
    internal const string Protocol = "authz";

    private const long AnswerMaxBytes = 1 << 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Func<CancellationToken, ValueTask<Stream>> _connect;
    private readonly HttpClient _http;
    private volatile bool _active;

    /// <summary>Makes the line; nothing is connected yet.</summary>
    /// <param name="name">The plugin's name.</param>
    /// <param name="find">Finds its address, each time anew: plugins come and go.</param>
    internal AuthorizationPlugin(string name, Func<EndPoint> find)
        : this(name, ct => ConnectAsync(find(), ct))
    {
    }

    /// <summary>Makes the line; nothing is connected yet.</summary>
    /// <param name="name">The plugin's name.</param>
    /// <param name="connect">Connects to it, wherever it is then.</param>
    internal AuthorizationPlugin(string name, Func<CancellationToken, ValueTask<Stream>> connect)
    {
        Name = name;
        _connect = connect;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ConnectCallback = (_, ct) => _connect(ct) })
        {
            BaseAddress = new Uri("http://plugin/"),
            Timeout = s_patience,
            MaxResponseContentBufferSize = AnswerMaxBytes,
        };
    }

    /// <summary>Its name.</summary>
    internal string Name { get; }

    /// <summary>Asks; returns if the plugin allows it.</summary>
    /// <param name="act"><c>AuthZPlugin.AuthZReq</c> or <c>AuthZPlugin.AuthZRes</c>.</param>
    /// <param name="message">What it is about.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Forbidden"/>: it denies; <see cref="ErrorKind.Internal"/>: it cannot be asked.</exception>
    internal async Task AskAsync(string act, AuthorizationMessage message, CancellationToken ct)
    {
        AuthorizationVerdict verdict;
        try
        {
            if (!_active)
                await ActivateAsync(ct).ConfigureAwait(false);
            verdict = await CallAsync(act, JsonSerializer.SerializeToUtf8Bytes(message, AuthorizationJson.Default.AuthorizationMessage), AuthorizationJson.Default.AuthorizationVerdict, ct).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or JsonException or SocketException || (failure is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new EngineException(ErrorKind.Internal, $"plugin {Name} failed with error: {failure.Message}", failure);
        }

        if (!string.IsNullOrEmpty(verdict.Err))
            throw new EngineException(ErrorKind.Internal, $"plugin {Name} failed with error: {verdict.Err}");
        if (!verdict.Allow)
            throw new EngineException(ErrorKind.Forbidden, $"authorization denied by plugin {Name}: {verdict.Msg}");
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task ActivateAsync(CancellationToken ct)
    {
        var answer = await CallAsync("Plugin.Activate", [], AuthorizationJson.Default.PluginActivation, ct).ConfigureAwait(false);
        if (answer.Implements?.Contains(Protocol) != true)
            throw new EngineException(ErrorKind.Internal, $"plugin {Name} does not implement '{Protocol}' but '{string.Join("', '", answer.Implements ?? [])}'");
        _active = true;
    }

    private async Task<T> CallAsync<T>(string act, byte[] body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, act);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.docker.plugins.v1.2+json"));
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await _http.SendAsync(request, ct).ConfigureAwait(false);
        var bytes = await answer.Content.ReadAsByteArrayAsync(ct).ConfigureAwait(false);
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new HttpRequestException($"it answered {(int)answer.StatusCode} to {act}");
        return JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException($"it answered nothing to {act}");
    }

    /// <summary>Connects to a plugin that somebody else runs.</summary>
    internal static async ValueTask<Stream> ConnectAsync(EndPoint address, CancellationToken ct)
    {
        var socket = address is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, ct).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

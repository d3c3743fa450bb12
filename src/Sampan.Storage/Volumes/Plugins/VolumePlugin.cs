using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Sampan.Storage.Plugins;

namespace Sampan.Storage.Volumes.Plugins;

/// <summary>
/// A volume driver that is another program, by Docker's protocol: HTTP over its socket, one JSON object each way. It is not trusted to answer,
/// to answer soon, or to tell the truth: every call has a time limit and a size limit, and what it says is looked at before it is used.
/// </summary>
internal sealed class VolumePlugin : IDisposable
{
    private const string MediaType = "application/vnd.docker.plugins.v1.1+json";
    private const int MaxAnswerBytes = 4 << 20;

    private readonly HttpMessageInvoker _http;
    private readonly Uri _base;
    private readonly VolumePluginOptions _options;

    /// <summary>The line to a managed plugin.</summary>
    /// <param name="plugin">It, as it runs now.</param>
    /// <param name="options">Time limits.</param>
    internal VolumePlugin(ManagedPlugin plugin, VolumePluginOptions options)
        : this(plugin.Record.Name, new Uri("unix://" + plugin.Socket), options, plugin)
    {
    }

    /// <param name="name">Its name, for messages.</param>
    /// <param name="address"><c>unix:///path</c>, <c>tcp://host:port</c> or <c>http://host:port</c>.</param>
    /// <param name="options">Time limits.</param>
    /// <param name="managed">The managed plugin behind it; null: none.</param>
    internal VolumePlugin(string name, Uri address, VolumePluginOptions options, ManagedPlugin? managed = null)
    {
        Managed = managed;
        Name = name;
        Address = address;
        _options = options;
        var isUnix = address.Scheme == "unix";
        _base = isUnix ? new Uri("http://plugin/") : new Uri($"http://{address.Authority}/");
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
            ConnectCallback = managed is not null ? (_, ct) => managed.ConnectAsync(ct) : isUnix ? (_, ct) => ConnectAsync(address.LocalPath, ct) : null,
        });
    }

    /// <summary>Its name: the driver's.</summary>
    internal string Name { get; }

    /// <summary>Where it is.</summary>
    internal Uri Address { get; }

    /// <summary>The managed plugin behind it; null: a program that somebody else runs.</summary>
    internal ManagedPlugin? Managed { get; }

    /// <summary><c>local</c>, or <c>global</c> if every machine of a cluster sees the same volumes.</summary>
    internal string Scope { get; private set; } = "local";

    /// <summary>Shakes hands.</summary>
    /// <returns>What it says that it is instead of a volume driver; null: it is one.</returns>
    internal async Task<string?> ActivateAsync(CancellationToken ct)
    {
        var answer = await CallAsync("Plugin.Activate", null, _options.Limit, ct).ConfigureAwait(false);
        if (answer.Implements?.Contains("VolumeDriver") != true)
            return answer.Implements is { Count: > 0 } some ? string.Join(", ", some) : "nothing";
        try
        {
            var can = await CallAsync("VolumeDriver.Capabilities", new PluginRequest(), _options.Limit, ct).ConfigureAwait(false);
            Scope = can.Capabilities?.Scope?.ToLowerInvariant() == "global" ? "global" : "local";
        }
        catch (StorageException old) when (old.Kind == StorageError.NotFound)
        {
            // The call is newer than the protocol: a driver that lacks it is local.
        }

        return null;
    }

    /// <summary>Makes a volume.</summary>
    internal Task CreateAsync(string volume, IReadOnlyDictionary<string, string> options, CancellationToken ct) =>
        CallAsync("VolumeDriver.Create", new PluginRequest { Name = volume, Opts = options }, _options.WorkLimit, ct);

    /// <summary>Removes a volume.</summary>
    internal Task RemoveAsync(string volume, CancellationToken ct) => CallAsync("VolumeDriver.Remove", new PluginRequest { Name = volume }, _options.WorkLimit, ct);

    /// <summary>Mounts a volume; gives the directory on the host, for a managed plugin's one that it cannot exchange.</summary>
    internal async Task<string> MountAsync(string volume, string user, CancellationToken ct)
    {
        var answer = await CallAsync("VolumeDriver.Mount", new PluginRequest { Name = volume, ID = user }, _options.WorkLimit, ct).ConfigureAwait(false);
        var path = string.IsNullOrEmpty(answer.Mountpoint) ? (await CallAsync("VolumeDriver.Path", new PluginRequest { Name = volume }, _options.Limit, ct).ConfigureAwait(false)).Mountpoint : answer.Mountpoint;
        if (Managed is not null)
        {
            using var directory = Managed.OpenDirectory(path ?? "") ?? throw Lie("VolumeDriver.Mount", $"it mounted volume '{volume}' on '{path}', which is no directory that the host can see: a plugin mounts below its PropagatedMount");
            return ShownVolume.Show(Managed.Directory, volume, user, directory);
        }

        return path is ['/', ..] && !path.Contains('\0') && Directory.Exists(path)
            ? path
            : throw Lie("VolumeDriver.Mount", $"it mounted volume '{volume}' on '{path}', which is no directory of this host");
    }

    /// <summary>Unmounts a volume for one user.</summary>
    internal Task UnmountAsync(string volume, string user, CancellationToken ct)
    {
        // First: what is shown of it keeps the plugin from unmounting it.
        if (Managed is not null)
            ShownVolume.Hide(Managed.Directory, volume, user);
        return CallAsync("VolumeDriver.Unmount", new PluginRequest { Name = volume, ID = user }, _options.WorkLimit, ct);
    }

    /// <summary>One volume; null: it says that there is none.</summary>
    internal async Task<PluginVolume?> GetAsync(string volume, CancellationToken ct)
    {
        PluginAnswer answer;
        try
        {
            answer = await CallAsync("VolumeDriver.Get", new PluginRequest { Name = volume }, _options.Limit, ct).ConfigureAwait(false);
        }
        catch (StorageException told) when (told.Kind is StorageError.NotFound or StorageError.Refused)
        {
            // The protocol has no word for "no such volume" but an error.
            return null;
        }

        if (answer.Volume is { } found && found.Name != volume)
            throw Lie("VolumeDriver.Get", $"asked for volume '{volume}' it told of '{found.Name}'");
        return answer.Volume is null ? null : Placed(answer.Volume);
    }

    /// <summary>All its volumes.</summary>
    internal async Task<IReadOnlyList<PluginVolume>> ListAsync(CancellationToken ct) =>
        [.. ((await CallAsync("VolumeDriver.List", new PluginRequest(), _options.Limit, ct).ConfigureAwait(false)).Volumes ?? []).Select(Placed)];

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    // A managed plugin tells of places in its own files.
    private PluginVolume Placed(PluginVolume volume) => Managed is null || string.IsNullOrEmpty(volume.Mountpoint) ? volume : volume with { Mountpoint = Managed.Shown(volume.Mountpoint) };

    private async Task<PluginAnswer> CallAsync(string method, PluginRequest? request, TimeSpan limit, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(limit);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(_base, method));
            message.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(MediaType));
            message.Content = new ByteArrayContent(request is null ? [] : JsonSerializer.SerializeToUtf8Bytes(request, PluginJson.Default.PluginRequest));
            message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(MediaType);
            using var response = await _http.SendAsync(message, patience.Token).ConfigureAwait(false);
            var body = await ReadAsync(response, method, patience.Token).ConfigureAwait(false);
            return Understand(method, (int)response.StatusCode, body);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new StorageException(StorageError.Unavailable, $"plugin \"{Name}\" did not answer {method} within {limit.TotalSeconds:0.#} s: look at the program behind '{Address}'");
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or SocketException)
        {
            throw new StorageException(StorageError.Unavailable, $"cannot call {method} of plugin \"{Name}\" at '{Address}': {(failed.InnerException ?? failed).Message}: is its program running?", failed);
        }
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, string method, CancellationToken ct)
    {
        var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        await using var stream = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        for (int read; (read = await stream.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0;)
        {
            if (body.Length + read > MaxAnswerBytes)
                throw Lie(method, $"its answer has more than {MaxAnswerBytes} bytes");
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private PluginAnswer Understand(string method, int status, byte[] body)
    {
        PluginAnswer? answer = null;
        try
        {
            answer = body.AsSpan().Trim(" \r\n\t"u8).IsEmpty ? new PluginAnswer() : JsonSerializer.Deserialize(body, PluginJson.Default.PluginAnswer);
        }
        catch (JsonException) when (status != 200)
        {
            // A server's plain words.
        }
        catch (JsonException broken)
        {
            throw Lie(method, $"its answer is no JSON of the protocol: {broken.Message}");
        }

        if (answer?.Err is { Length: > 0 } told)
            throw new StorageException(StorageError.Refused, $"{method}: {told} (plugin \"{Name}\")");
        if (status == 404)
            throw new StorageException(StorageError.NotFound, $"plugin \"{Name}\" has no {method}");
        return status == 200 && answer is not null ? answer : throw Lie(method, $"it answered with status {status}");
    }

    private StorageException Lie(string method, string what) => new(StorageError.Refused, $"plugin \"{Name}\" answered {method} wrongly: {what}");

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

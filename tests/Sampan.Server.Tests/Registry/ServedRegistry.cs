using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Sampan.Server.Registry;
using Sampan.Server.Tests.Http;
using Sampan.Storage.Registry;

namespace Sampan.Server.Tests.Registry;

/// <summary>A registry on a loopback port, in a directory that is gone afterwards.</summary>
internal sealed class ServedRegistry : IAsyncDisposable
{
    private readonly DirectoryInfo _directory;
    private readonly RegistryServer _server;
    private readonly Socket _socket;

    private ServedRegistry(DirectoryInfo directory, RegistryStore store, RegistryServer server, Socket socket, string scheme)
    {
        (_directory, Store, _server, _socket) = (directory, store, server, socket);
        Port = ((IPEndPoint?)socket.LocalEndPoint).ShouldNotBeNull().Port;
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            Shown = certificate?.GetSerialNumberString();
            return true;
        };
        handler.PooledConnectionLifetime = TimeSpan.Zero;
        Http = new HttpClient(handler) { BaseAddress = new Uri($"{scheme}://127.0.0.1:{Port}"), Timeout = TimeSpan.FromMinutes(2) };
    }

    public int Port { get; }

    public HttpClient Http { get; }

    public RegistryStore Store { get; }

    /// <summary>The serial number of the certificate that was shown last.</summary>
    public string? Shown { get; private set; }

    public static async Task<ServedRegistry> StartAsync(Func<RegistryServerOptions, RegistryServerOptions>? change = null, Func<RegistryStoreOptions, RegistryStoreOptions>? limits = null)
    {
        var directory = Directory.CreateTempSubdirectory("sampan-registry-");
        var storeOptions = new RegistryStoreOptions { Root = Path.Combine(directory.FullName, "root") };
        var store = RegistryStore.Open(limits is null ? storeOptions : limits(storeOptions), TimeProvider.System);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var options = new RegistryServerOptions { Store = store, Listeners = [new ApiListener(socket.LocalEndPoint.ShouldNotBeNull(), socket)] };
        options = change is null ? options : change(options);
        try
        {
            var server = await RegistryServer.StartAsync(options, TimeProvider.System, new TestLog(), CancellationToken.None);
            return new ServedRegistry(directory, store, server, socket, options.CertificateFile is null ? "http" : "https");
        }
        catch
        {
            socket.Dispose();
            store.Dispose();
            directory.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _server.StopAsync(patience.Token);
        await _server.DisposeAsync();
        _socket.Dispose();
        Store.Dispose();
        _directory.Delete(recursive: true);
    }

    public static string DigestOf(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, byte[]? body = null, string? user = null, (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new ByteArrayContent(body);
        if (user is not null)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(user)));
        if (header is { } given && !request.Headers.TryAddWithoutValidation(given.Name, given.Value))
            request.Content.ShouldNotBeNull().Headers.TryAddWithoutValidation(given.Name, given.Value);
        return await Http.SendAsync(request);
    }

    public async Task<string> PushBlobAsync(string repository, byte[] content, string? user = null)
    {
        using var answer = await SendAsync(HttpMethod.Post, $"/v2/{repository}/blobs/uploads/?digest={DigestOf(content)}", content, user);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return DigestOf(content);
    }

    /// <summary>Sends bytes as they are and reads all that comes back until the connection ends.</summary>
    /// <param name="text">The bytes, as Latin 1.</param>
    /// <param name="isAll">True to say that nothing more will come; the server then takes the client for gone.</param>
    public async Task<string> SendRawAsync(string text, bool isAll = false)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes(text));
        if (isAll)
            client.Client.Shutdown(SocketShutdown.Send);
        var answer = new System.Text.StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
                answer.Append(System.Text.Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // It was closed with bytes of ours unread: what it said before counts.
        }
        return answer.ToString();
    }
}

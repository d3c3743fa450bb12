using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Sampan.Server.Http;

namespace Sampan.Server.Tests.Http;

public sealed class ApiTlsTests : IDisposable
{
    private const int Flood = 8 << 20;
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-api-tls-").FullName;
    private readonly X509Certificate2 _authority = Authority("good");

    // Another server of the process, Kestrel's own, as SessionPeer has: how ours ends its connections does not depend on who came first.
    static ApiTlsTests() => _ = new SocketTransportOptions();

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Client_with_a_certificate_is_known_by_its_name()
    {
        await using var server = await StartAsync(verify: true);
        using var own = Issue(_authority, "alice", ClientAuth);

        (await AskAsync(server.Port, own)).ShouldEndWith("alice");
    }

    [Fact]
    public async Task Hijacked_connection_works_through_TLS()
    {
        await using var server = await StartAsync(verify: true);
        using var own = Issue(_authority, "alice", ClientAuth);
        await using var stream = await ConnectAsync(server.Port, own);
        await stream.WriteAsync("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"u8.ToArray());
        await stream.WriteAsync("through"u8.ToArray());
        await stream.ShutdownAsync();

        (await new StreamReader(stream).ReadToEndAsync()).ShouldEndWith("\r\n\r\nthrough");
    }

    /// <summary>The end of a hijacked connection is its end, not a reset that takes with it what is under way.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hijacked_connection_delivers_all_over_TCP_and_ends_in_order(bool secret)
    {
        await using var server = await StartAsync(verify: false, secret);
        await using var stream = secret ? await ConnectAsync(server.Port, null) : (Stream)await PlainAsync(server.Port);
        await stream.WriteAsync("POST /flood HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"u8.ToArray());

        var text = await new StreamReader(stream).ReadToEndAsync();

        text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].Length.ShouldBe(Flood);
    }

    /// <summary><c>echo hi | docker run -i …</c>: its end of input is not the end of the connection.</summary>
    [Fact]
    public async Task Client_that_has_ended_its_half_of_a_hijacked_connection_gets_all()
    {
        await using var server = await StartAsync(verify: false, secret: false);
        for (var run = 0; run < 20; run++)
        {
            await using var stream = await PlainAsync(server.Port);
            await stream.WriteAsync("POST /flood HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"u8.ToArray());
            (await stream.ReadAsync(new byte[12])).ShouldBe(12);
            stream.Socket.Shutdown(SocketShutdown.Send);

            var text = await new StreamReader(stream).ReadToEndAsync();

            text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].Length.ShouldBe(Flood);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_that_still_sends_at_the_end_of_a_hijacked_connection_gets_all_and_is_not_reset(bool secret)
    {
        await using var server = await StartAsync(verify: false, secret);

        await StillSending.GetsAllAsync(secret ? await ConnectAsync(server.Port, null) : await PlainAsync(server.Port), "/flood", Flood);
    }

    [Fact]
    public async Task Client_without_a_certificate_or_with_a_strangers_is_not_served()
    {
        await using var server = await StartAsync(verify: true);
        using var stranger = Authority("stranger");
        using var strange = Issue(stranger, "mallory", ClientAuth);
        using var wrongUse = Issue(_authority, "server", ServerAuth);

        using var expired = Issue(_authority, "late", ClientAuth, DateTimeOffset.UtcNow.AddMinutes(-5));

        foreach (var certificate in new[] { null, strange, wrongUse, expired })
            (await IsServedAsync(server.Port, certificate)).ShouldBeFalse(certificate?.Subject ?? "none");
        using var own = Issue(_authority, "alice", ClientAuth);
        (await AskAsync(server.Port, own)).ShouldEndWith("alice");
    }

    [Fact]
    public async Task Client_that_does_not_speak_TLS_is_told_so()
    {
        await using var server = await StartAsync(verify: true);
        await using var stream = await PlainAsync(server.Port);
        await stream.WriteAsync("GET /who HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());

        (await new StreamReader(stream).ReadToEndAsync()).ShouldBe("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
        using var own = Issue(_authority, "alice", ClientAuth);
        (await AskAsync(server.Port, own)).ShouldEndWith("alice");
    }

    [Fact]
    public async Task CVE_2026_97032_HTTP_2_is_not_chosen_even_if_a_client_would_rather()
    {
        await using var server = await StartAsync(verify: false);
        await using var stream = await ConnectAsync(server.Port, null, SslApplicationProtocol.Http2, SslApplicationProtocol.Http11);

        stream.NegotiatedApplicationProtocol.ShouldNotBe(SslApplicationProtocol.Http2);
    }

    [Fact]
    public async Task Without_verification_anybody_comes_in_and_is_nobody()
    {
        await using var server = await StartAsync(verify: false);

        (await AskAsync(server.Port, null)).ShouldEndWith("nobody");
    }

    [Fact]
    public void Files_that_do_not_fit_are_told()
    {
        var (certificate, key) = Write(Issue(_authority, "server", ServerAuth), "server");
        var (other, _) = Write(Issue(_authority, "other", ServerAuth), "other");
        var empty = Path.Combine(_directory, "empty.pem");
        File.WriteAllText(empty, "");

        Should.Throw<InvalidDataException>(() => ApiTlsOptions.Read(new ApiTls(other, key, null))).Message.ShouldContain("cannot use certificate");
        Should.Throw<InvalidDataException>(() => ApiTlsOptions.Read(new ApiTls(certificate, key, empty))).Message.ShouldContain("holds no certificate of an authority");
    }

    private static async Task<string> AskAsync(int port, X509Certificate2? certificate)
    {
        await using var stream = await ConnectAsync(port, certificate);
        await stream.WriteAsync("GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        var text = await new StreamReader(stream).ReadToEndAsync();
        return text.TrimEnd();
    }

    private static async Task<bool> IsServedAsync(int port, X509Certificate2? certificate)
    {
        try
        {
            // With TLS 1.3 the client learns of the refusal when it reads.
            return (await AskAsync(port, certificate)).Length > 0;
        }
        catch (Exception refused) when (refused is IOException or System.Security.Authentication.AuthenticationException)
        {
            return false;
        }
    }

    private static async Task<NetworkStream> PlainAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task<SslStream> ConnectAsync(int port, X509Certificate2? certificate, params List<SslApplicationProtocol> protocols)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", AllowTlsResume = false, ClientCertificates = certificate is null ? null : [certificate], ApplicationProtocols = protocols });
        return stream;
    }

    private async Task<Served> StartAsync(bool verify, bool secret = true)
    {
        var (certificate, key) = Write(Issue(_authority, "server", ServerAuth), "server");
        var (authority, _) = Write(_authority, "ca");
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = (IPEndPoint)socket.LocalEndPoint!;
        var routes = new RouteTable()
            .Map("GET", "/who", x => x.WriteBytesAsync(200, "text/plain", Encoding.UTF8.GetBytes(x.Http.Features.Get<ITlsConnectionFeature>()?.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, false) ?? "nobody")))
            .Map("POST", "/echo", x => x.HijackAsync(true, async (input, output) => await input.CopyToAsync(output)))
            .Map("POST", "/flood", x => x.HijackAsync(true, (_, output) => output.WriteAsync(new byte[Flood]).AsTask()));
        var listener = new ApiListener(address, socket) { Tls = secret ? new ApiTls(certificate, key, verify ? authority : null) : null };
        return new Served(await ApiServer.StartAsync(routes, [listener], TimeProvider.System, new TestLog(), default), address.Port);
    }

    private (string Certificate, string Key) Write(X509Certificate2 certificate, string name)
    {
        var (file, key) = (Path.Combine(_directory, $"{name}.pem"), Path.Combine(_directory, $"{name}-key.pem"));
        File.WriteAllText(file, certificate.ExportCertificatePem());
        File.WriteAllText(key, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return (file, key);
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name, string use, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        using var bare = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), until ?? DateTimeOffset.UtcNow.AddDays(7), RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }

    private sealed record Served(ApiServer Server, int Port) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await Server.StopAsync(now.Token);
            await Server.DisposeAsync();
        }
    }
}

using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Who may use the engine, and by what ways: TLS with client certificates, authorization plugins.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task Docker_works_over_TLS_with_a_certificate_and_not_without()
    {
        using var files = new Scratch();
        var authority = WriteCertificates(files.Path);
        await using var daemon = await OverTcpAsync(port => ["--host", $"tcp://127.0.0.1:{port}", "--tlsverify", "--tlscacert", authority, "--tlscert", $"{files.Path}/server.pem", "--tlskey", $"{files.Path}/server-key.pem"]);
        await daemon.Daemon.LoadAsync("busybox");
        string[] own = ["--tlsverify", "--tlscacert", authority, "--tlscert", $"{files.Path}/client.pem", "--tlskey", $"{files.Path}/client-key.pem", "-H", $"tcp://127.0.0.1:{daemon.Port}"];

        (await Shell.RunAsync(Clients.Path(Clients.Docker), [.. own, "run", "--rm", "-i", "busybox", "cat"], Environment(daemon.Daemon), stdin: "through TLS\n")).Succeeded().ShouldBe("through TLS");
        var many = await Shell.RunAsync(Clients.Path(Clients.Docker), [.. own, "run", "--rm", "busybox", "seq", "300000"], Environment(daemon.Daemon));
        many.Succeeded().ShouldEndWith("\n300000");
        string[] stranger = ["--tls", "-H", $"tcp://127.0.0.1:{daemon.Port}"];
        (await Shell.RunAsync(Clients.Path(Clients.Docker), [.. stranger, "version"], Environment(daemon.Daemon))).ExitCode.ShouldNotBe(0);
    }

    [Fact]
    public async Task Authorization_plugin_denies_what_it_does_not_want_and_lets_the_rest_through()
    {
        await using var plugin = new PolicyPlugin("\"Privileged\":true");
        await using var daemon = await Daemon.StartAsync("--authorization-plugin", plugin.Name);
        await daemon.LoadAsync("busybox");

        (await daemon.DockerAsync("run", "--rm", "busybox", "echo", "allowed")).Succeeded().ShouldBe("allowed");
        (await daemon.DockerAsync("run", "--rm", "--privileged", "busybox", "true")).Ended(125).Saying($"authorization denied by plugin {plugin.Name}: policy");
        (await daemon.DockerAsync("info", "--format", "{{.Plugins.Authorization}}")).Stdout.ShouldBe($"[{plugin.Name}]\n");
    }

    // Another test may take the port between the look and the daemon: then another one.
    private static async Task<(Daemon Daemon, int Port)> TryAsync(Func<int, string[]> arguments)
    {
        for (var left = 5; ; left--)
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var port = ((IPEndPoint)probe.LocalEndPoint!).Port;
            probe.Close();
            try
            {
                return (await Daemon.StartAsync(arguments(port)), port);
            }
            catch (ShouldAssertException) when (left > 0)
            {
                // Taken meanwhile.
            }
        }
    }

    private static async Task<OverTcp> OverTcpAsync(Func<int, string[]> arguments)
    {
        var (daemon, port) = await TryAsync(arguments);
        return new OverTcp(daemon, port);
    }

    private static Dictionary<string, string> Environment(Daemon daemon) => new(daemon.ClientEnvironment, StringComparer.Ordinal) { ["DOCKER_HOST"] = "" };

    private static string WriteCertificates(string directory)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        Issue(authority, directory, "server", "1.3.6.1.5.5.7.3.1");
        Issue(authority, directory, "client", "1.3.6.1.5.5.7.3.2");
        var path = $"{directory}/ca.pem";
        File.WriteAllText(path, authority.ExportCertificatePem());
        return path;
    }

    private static void Issue(X509Certificate2 authority, string directory, string name, string use)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(7), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText($"{directory}/{name}.pem", certificate.ExportCertificatePem());
        File.WriteAllText($"{directory}/{name}-key.pem", key.ExportPkcs8PrivateKeyPem());
    }

    private sealed record OverTcp(Daemon Daemon, int Port) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Daemon.DisposeAsync();
    }
}

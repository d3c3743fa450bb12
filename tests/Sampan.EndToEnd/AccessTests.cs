using System.Net;
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

    /// <summary>The authority is one of the system's, as somebody's certificate of a public authority is.</summary>
    [Fact]
    public async Task CVE_2018_12608_a_certificate_of_an_authority_that_the_system_trusts_opens_nothing()
    {
        using var files = new Scratch();
        using var others = new Scratch();
        var authority = WriteCertificates(files.Path);
        var trusted = WriteCertificates(others.Path);
        await using var daemon = await OverTcpAsync(
            port => ["--host", $"tcp://127.0.0.1:{port}", "--tlsverify", "--tlscacert", authority, "--tlscert", $"{files.Path}/server.pem", "--tlskey", $"{files.Path}/server-key.pem"],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["SSL_CERT_FILE"] = trusted, ["SSL_CERT_DIR"] = others.Path });

        (await VersionAsync(others.Path)).ExitCode.ShouldNotBe(0);
        (await VersionAsync(files.Path)).Succeeded();

        Task<Outcome> VersionAsync(string own) => Shell.RunAsync(
            Clients.Path(Clients.Docker),
            ["--tlsverify", "--tlscacert", authority, "--tlscert", $"{own}/client.pem", "--tlskey", $"{own}/client-key.pem", "-H", $"tcp://127.0.0.1:{daemon.Port}", "version"],
            Environment(daemon.Daemon));
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

    private static async Task<OverTcp> OverTcpAsync(Func<int, string[]> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var port = FreePort.Next();
        return new OverTcp(await Daemon.StartWithAsync(environment, arguments(port)), port);
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

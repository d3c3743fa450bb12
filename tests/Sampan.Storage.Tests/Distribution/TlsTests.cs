using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sampan.Oci.Images;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Remotes;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>TLS with Debian's docker-registry: who is trusted, who is not, and certificates of clients, as directories of certificates say.</summary>
public sealed class TlsTests : RegistryTest
{
    // A name that no resolver knows: connections go to the loopback interface.
    private const string Domain = "registry.sampan.test";

    private readonly TemporaryDirectory _files = new();
    private readonly TestAuthority _authority = new("authority of the test");
    private Process? _process;
    private int _port;

    private string Host => string.Create(CultureInfo.InvariantCulture, $"{Domain}:{_port}");

    private RegistryOptions Options => Hasty with
    {
        CertificateDirectories = [_files["certs.d"]],
        Connect = async (_, ct) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, _port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    [Fact]
    public async Task A_registry_whose_authority_nobody_knows_is_refused_with_what_to_do()
    {
        await StartAsync(Domain);

        var failure = await Should.ThrowAsync<RegistryException>(() => RoundTripAsync(Options));

        failure.Message.ShouldContain($"cannot make a TLS connection to registry '{Host}'");
        failure.Message.ShouldContain($"'/etc/sampan/certs.d/{Host}/ca.crt'");
    }

    [Fact]
    public async Task An_authority_in_the_registrys_directory_is_trusted()
    {
        await StartAsync(Domain);
        Write("ca.crt", _authority.Pem);

        await RoundTripAsync(Options);
    }

    [Fact]
    public async Task An_authority_is_trusted_for_its_registry_only()
    {
        await StartAsync(Domain);
        Directory.CreateDirectory(_files["certs.d/other.test"]);
        await File.WriteAllTextAsync(_files["certs.d/other.test/ca.crt"], _authority.Pem, Ct);

        (await Should.ThrowAsync<RegistryException>(() => RoundTripAsync(Options))).Message.ShouldContain("cannot make a TLS connection");
    }

    [Fact]
    public async Task Another_authority_is_no_help()
    {
        using var stranger = new TestAuthority("somebody else");
        await StartAsync(Domain);
        Write("ca.crt", stranger.Pem);

        (await Should.ThrowAsync<RegistryException>(() => RoundTripAsync(Options))).Message.ShouldContain("cannot make a TLS connection");
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused_though_its_authority_is_known()
    {
        await StartAsync("elsewhere.sampan.test");
        Write("ca.crt", _authority.Pem);

        (await Should.ThrowAsync<RegistryException>(() => RoundTripAsync(Options))).Message.ShouldContain("cannot make a TLS connection");
    }

    [Fact]
    public async Task An_insecure_registry_needs_nobody_to_vouch_for_it()
    {
        await StartAsync("elsewhere.sampan.test");

        await RoundTripAsync(Options with { Insecure = [Host] });
    }

    [Fact]
    public async Task A_registry_that_wants_to_know_its_clients_gets_the_clients_certificate()
    {
        await StartAsync(Domain, wantsClients: true);
        Write("ca.crt", _authority.Pem);
        await Should.ThrowAsync<RegistryException>(() => RoundTripAsync(Options));
        var (certificate, key) = _authority.Issue("client", forServer: false);
        Write("client.cert", certificate);
        Write("client.key", key);

        await RoundTripAsync(Options);
    }

    [Fact]
    public async Task A_clients_certificate_without_its_key_is_told_by_name()
    {
        await StartAsync(Domain);
        Write("ca.crt", _authority.Pem);
        Write("client.cert", _authority.Issue("client", forServer: false).Certificate);

        (await Should.ThrowAsync<RegistryException>(() => RoundTripAsync(Options))).Message.ShouldStartWith($"missing key '{_files[$"certs.d/{Host}/client.key"]}' for client certificate");
    }

    [Fact]
    public async Task A_file_that_is_no_certificate_is_told_by_name()
    {
        await StartAsync(Domain);
        Write("ca.crt", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");

        (await Should.ThrowAsync<RegistryException>(() => RoundTripAsync(Options))).Message.ShouldContain($"cannot read certificate '{_files[$"certs.d/{Host}/ca.crt"]}' of registry '{Host}'");
    }

    protected override async ValueTask EndAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }
        _authority.Dispose();
        _files.Dispose();
    }

    // What is there is pushed, and pulled again under the same digest.
    private async Task RoundTripAsync(RegistryOptions options)
    {
        TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 1000));
        var name = ImageReference.Parse($"{Host}/team/app:v1");
        var image = (await PullAsync("app:v1")).Image;
        Images.Tag(image.Id.ToString(), name);
        var pushed = await Images.PushAsync(Client(options), name, null, null, Ct);
        Images.Remove(name.ToString(), force: true, noPrune: false, _ => null);
        (await Images.PullAsync(Client(options), name, new PullOptions(), null, Ct)).Digest.ShouldBe(pushed.Digest);
    }

    private void Write(string file, string content)
    {
        Directory.CreateDirectory(_files[$"certs.d/{Host}"]);
        File.WriteAllText(_files[$"certs.d/{Host}/{file}"], content);
    }

    private async Task StartAsync(string certificateName, bool wantsClients = false)
    {
        var program = new[] { "/usr/bin/docker-registry", "/usr/sbin/docker-registry", "/usr/local/bin/docker-registry" }.FirstOrDefault(File.Exists);
        if (program is null)
            Assert.Skip("docker-registry is not installed on this machine (scripts/setup test)");
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }
        var (certificate, key) = _authority.Issue(certificateName, forServer: true);
        await File.WriteAllTextAsync(_files["server.crt"], certificate, Ct);
        await File.WriteAllTextAsync(_files["server.key"], key, Ct);
        await File.WriteAllTextAsync(_files["ca.pem"], _authority.Pem, Ct);
        await File.WriteAllTextAsync(_files["config.yml"], $"""
            version: 0.1
            log:
              level: error
            storage:
              filesystem:
                rootdirectory: {_files["data"]}
            http:
              addr: 127.0.0.1:{_port}
              secret: none
              tls:
                certificate: {_files["server.crt"]}
                key: {_files["server.key"]}
                {(wantsClients ? $"clientcas: [{_files["ca.pem"]}]" : "")}
            """, Ct);
        _process = Process.Start(new ProcessStartInfo(program, ["serve", _files["config.yml"]]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true });
        _process.ShouldNotBeNull();
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ListensAsync();
    }

    private async Task ListensAsync()
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(60); ;)
        {
            _process!.HasExited.ShouldBeFalse("docker-registry ended at once");
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, _port, Ct);
                return;
            }
            catch (SocketException) when (DateTime.UtcNow < deadline)
            {
                await Task.Delay(20, Ct);
            }
        }
    }
}

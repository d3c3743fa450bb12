using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sampan.Server.Tests.Gateway;

public sealed class GatewayTlsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sampan-gateway-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Each_name_has_its_certificate_and_a_new_one_is_shown_without_a_restart()
    {
        Write("shop", "shop.example.org");
        Write("wild", "*.example.com");
        await using var gateway = await ServedGateway.StartAsync(certificates: _directory.FullName);
        await using var service = RawService.Named("web");
        await gateway.AddAsync("web", service, ("path", "/"));

        (await ShownAsync(gateway, "shop.example.org")).ShouldBe("CN=shop.example.org");
        (await ShownAsync(gateway, "any.example.com")).ShouldBe("CN=*.example.com");
        await Should.ThrowAsync<Exception>(() => ShownAsync(gateway, "other.example.net"));
        service.Heads.First().ShouldContain("X-Forwarded-Proto: https\r\n");

        Write("other", "other.example.net");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        string? shown = null;
        while (shown is null)
        {
            try
            {
                shown = await ShownAsync(gateway, "other.example.net");
            }
            catch (Exception notYet) when (notYet is AuthenticationException or IOException)
            {
                await Task.Delay(50, patience.Token);
            }
        }

        shown.ShouldBe("CN=other.example.net");
        File.WriteAllText(Path.Combine(_directory.FullName, "broken.crt"), "no certificate");
        (await ShownAsync(gateway, "shop.example.org")).ShouldBe("CN=shop.example.org");
    }

    [Fact]
    public async Task A_directory_without_certificates_is_refused() =>
        (await Should.ThrowAsync<InvalidDataException>(() => ServedGateway.StartAsync(certificates: _directory.FullName))).Message.ShouldContain("holds no certificate");

    private static async Task<string> ShownAsync(ServedGateway gateway, string name)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Port);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name, RemoteCertificateValidationCallback = (_, _, _, _) => true });
        await RawService.WriteAsync(stream, $"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
        (await RawService.ReadUntilAsync(stream, "web")).ShouldEndWith("web");
        return stream.RemoteCertificate?.Subject ?? "";
    }

    private void Write(string file, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(_directory.FullName, file + ".key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(_directory.FullName, file + ".crt"), certificate.ExportCertificatePem());
    }
}

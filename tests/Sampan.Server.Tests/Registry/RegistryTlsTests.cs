using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sampan.Server.Tests.Registry;

public sealed class RegistryTlsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sampan-tls-");

    private string Certificate => Path.Combine(_directory.FullName, "server.crt");

    private string Key => Path.Combine(_directory.FullName, "server.key");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Blobs_go_and_come_through_TLS()
    {
        Write();
        await using var registry = await StartAsync();
        var content = RandomNumberGenerator.GetBytes(3_000_000);

        var digest = await registry.PushBlobAsync("app", content);

        using var pulled = await registry.SendAsync(HttpMethod.Get, $"/v2/app/blobs/{digest}");
        (await pulled.Content.ReadAsByteArrayAsync()).ShouldBe(content);
    }

    [Fact]
    public async Task A_new_certificate_is_shown_without_a_restart_and_a_broken_one_is_not()
    {
        var first = Write();
        await using var registry = await StartAsync();
        await registry.PushBlobAsync("app", [1]);
        registry.Shown.ShouldBe(first);

        var second = Write();
        await registry.PushBlobAsync("app", [2]);
        registry.Shown.ShouldBe(second);

        await File.WriteAllTextAsync(Certificate, "no certificate at all");
        await registry.PushBlobAsync("app", [3]);
        registry.Shown.ShouldBe(second);
    }

    [Fact]
    public async Task Whoever_speaks_no_TLS_gets_no_answer_and_the_next_one_does()
    {
        Write();
        await using var registry = await StartAsync();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, registry.Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            var buffer = new byte[1000];
            try
            {
                var read = await stream.ReadAsync(buffer);
                System.Text.Encoding.ASCII.GetString(buffer, 0, read).ShouldNotContain("HTTP/1.1 200");
            }
            catch (IOException)
            {
                // It was closed without a word.
            }
        }
        using var answer = await registry.SendAsync(HttpMethod.Get, "/v2/");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_key_that_does_not_fit_is_told_at_the_start()
    {
        Write();
        using var other = RSA.Create(2048);
        await File.WriteAllTextAsync(Key, other.ExportPkcs8PrivateKeyPem());

        (await Should.ThrowAsync<InvalidDataException>(StartAsync)).Message.ShouldContain(Key);
    }

    private Task<ServedRegistry> StartAsync() => ServedRegistry.StartAsync(options => options with { CertificateFile = Certificate, KeyFile = Key });

    // Returns the serial number.
    private string Write()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Replace(Key, key.ExportPkcs8PrivateKeyPem());
        Replace(Certificate, certificate.ExportCertificatePem());
        return certificate.SerialNumber;
    }

    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}

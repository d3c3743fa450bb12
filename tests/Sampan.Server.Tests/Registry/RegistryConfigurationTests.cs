using Microsoft.Extensions.Logging;
using Sampand.Configuration;
using Sampand.Registry;

namespace Sampan.Server.Tests.Registry;

public sealed class RegistryConfigurationTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sampan-settings-");

    private string File => Path.Combine(_directory.FullName, "registry.json");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Every_setting_is_read()
    {
        var password = Path.Combine(_directory.FullName, "password");
        await System.IO.File.WriteAllTextAsync(password, "open sesame\n");

        var read = await ReadAsync($$"""
            {
              "listen": ["127.0.0.1:5000", "[::1]:5001", ":5002", "localhost:5003"], "root": "/srv/registry",
              "tls": { "certificate": "/etc/a.crt", "key": "/etc/a.key" }, "users": "/etc/users", "realm": "ours",
              "read-only": true, "delete": false, "log-level": "debug",
              "limits": { "manifest-bytes": 5000000, "blob-bytes": 1000000, "uploads": 7, "upload-expiry": "30s", "requests": 8, "connections": 9 },
              "gc": { "interval": "1d", "grace": "10m", "untagged": true },
              "mirrors": [
                { "prefix": "hub", "upstream": "https://registry-1.docker.io", "username": "anna", "password-file": "{{password}}", "tag-life": "1h" },
                { "prefix": "", "upstream": "http://127.0.0.1:5999/team", "insecure": true }
              ]
            }
            """);

        read.Listen.Select(address => address.ToString()).ShouldBe(["127.0.0.1:5000", "[::1]:5001", "0.0.0.0:5002", "127.0.0.1:5003"]);
        (read.Root, read.CertificateFile, read.KeyFile, read.UsersFile, read.Realm).ShouldBe(("/srv/registry", "/etc/a.crt", "/etc/a.key", "/etc/users", "ours"));
        (read.IsReadOnly, read.AllowsDeletes, read.LogLevel).ShouldBe((true, false, LogLevel.Debug));
        (read.Store.ManifestMaxBytes, read.Store.BlobMaxBytes, read.Store.MaxUploads, read.Store.UploadExpiry).ShouldBe((5000000, 1000000, 7, TimeSpan.FromSeconds(30)));
        (read.MaxRequests, read.MaxConnections).ShouldBe((8, 9));
        (read.CollectionInterval, read.Store.CollectionGrace, read.Store.CollectUntagged).ShouldBe((TimeSpan.FromDays(1), TimeSpan.FromMinutes(10), true));
        read.Mirrors.Count.ShouldBe(2);
        read.Mirrors[0].Credentials.ShouldNotBeNull().Password.ShouldBe("open sesame");
        (read.Mirrors[0].TagLife, read.Mirrors[0].SkipVerify, read.Mirrors[1].SkipVerify, read.Mirrors[1].Credentials).ShouldBe((TimeSpan.FromHours(1), false, true, null));
    }

    [Theory]
    [InlineData("""{"nothing":1}""", "unknown setting 'nothing'")]
    [InlineData("""{"limits":{"nothing":1}}""", "unknown setting 'limits.nothing'")]
    [InlineData("""{"gc":{"nothing":1}}""", "unknown setting 'gc.nothing'")]
    [InlineData("""{"gc":{"interval":"0s"}}""", "invalid value of 'gc.interval'")]
    [InlineData("""{"gc":{"grace":"soon"}}""", "invalid value of 'gc.grace'")]
    [InlineData("""{"gc":[]}""", "invalid value of 'gc'")]
    [InlineData("""{"listen":"example.com:5000"}""", "invalid value of 'listen'")]
    [InlineData("""{"listen":5000}""", "invalid value of 'listen'")]
    [InlineData("""{"root":""}""", "invalid value of 'root'")]
    [InlineData("""{"read-only":"yes"}""", "invalid value of 'read-only'")]
    [InlineData("""{"limits":{"uploads":0}}""", "invalid value of 'limits.uploads'")]
    [InlineData("""{"log-level":"loud"}""", "invalid value of 'log-level'")]
    [InlineData("""{"tls":{"key":"x"}}""", "'tls' needs a 'certificate'")]
    [InlineData("""{"mirrors":{}}""", "invalid value of 'mirrors'")]
    [InlineData("""{"mirrors":[{"prefix":"a"}]}""", "'mirrors[0]' needs a 'prefix'")]
    [InlineData("""{"mirrors":[{"prefix":"a/","upstream":"https://x"}]}""", "invalid value of 'mirrors[0].prefix'")]
    [InlineData("""{"mirrors":[{"prefix":"a","upstream":"https://u:p@x"}]}""", "invalid value of 'mirrors[0].upstream'")]
    [InlineData("""{"mirrors":[{"prefix":"a","upstream":"https://x","username":"u"}]}""", "needs both 'username' and 'password-file'")]
    [InlineData("""{"mirrors":[{"prefix":"a","upstream":"https://x"},{"prefix":"a","upstream":"https://y"}]}""", "two mirrors have the prefix 'a'")]
    [InlineData("[]", "want one JSON object")]
    [InlineData("{", "is not JSON")]
    public async Task What_is_wrong_is_told(string json, string what) =>
        (await Should.ThrowAsync<ConfigurationException>(() => ReadAsync(json))).Message.ShouldContain(what);

    [Theory]
    [InlineData("--listen")]
    [InlineData("--listen=nowhere")]
    [InlineData("--dry-run")]
    [InlineData("--read-only=yes")]
    [InlineData("serve")]
    [InlineData("-x")]
    public void What_is_wrong_on_the_command_line_is_told(string argument) => Should.Throw<ConfigurationException>(() => RegistryCommandLine.Parse([argument])).Message.ShouldContain(argument.Split('=')[0]);

    private async Task<RegistryConfiguration> ReadAsync(string json)
    {
        await System.IO.File.WriteAllTextAsync(File, json);
        return RegistryConfigurationFile.Read(File);
    }
}

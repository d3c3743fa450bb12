using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sampan.EndToEnd.Harness;

/// <summary>Debian's registry on a free port of the loopback interface, its files in a directory that is gone afterwards.</summary>
internal sealed class DockerRegistry : IAsyncDisposable
{
    // htpasswd -nbB anna 'open sesame'
    public const string Users = "anna:$2y$04$/4JeS/asPIy4fNnDwaRES.g9qZx8RXAvJvINR/cnEDWWS3GYsNw.2\n";

    private readonly Scratch _scratch = new();
    private Process? _process;
    private bool _isDisposed;

    public const string User = "anna";
    public const string Password = "open sesame";

    public int Port { get; private set; }

    public string Host => string.Create(CultureInfo.InvariantCulture, $"localhost:{Port}");

    /// <summary>Starts it; the test is skipped where it is not installed.</summary>
    public static async Task<DockerRegistry> StartAsync(bool withUsers = false)
    {
        var program = Shell.Find("docker-registry");
        if (program is null)
        {
            Assert.Skip("docker-registry is not installed on this machine (scripts/setup test)");
        }

        // Its port is picked before it binds it; somebody else may have taken it meanwhile.
        for (var attempt = 1; ; attempt++)
        {
            var registry = new DockerRegistry();
            try
            {
                if (await registry.TryStartAsync(program, withUsers))
                {
                    return registry;
                }
            }
            catch
            {
                await registry.DisposeAsync();
                throw;
            }

            await registry.DisposeAsync();
            attempt.ShouldBeLessThan(5, "docker-registry ended at once");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (_process is { } process)
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            await process.WaitForExitAsync();
            process.Dispose();
        }

        _scratch.Dispose();
    }

    private async Task<bool> TryStartAsync(string program, bool withUsers)
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        var users = Path.Combine(_scratch.Path, "users");
        await File.WriteAllTextAsync(users, Users);
        var configuration = Path.Combine(_scratch.Path, "config.yml");
        await File.WriteAllTextAsync(configuration, $"""
            version: 0.1
            log:
              level: error
            storage:
              filesystem:
                rootdirectory: {_scratch.Path}/data
            http:
              addr: 127.0.0.1:{Port}
              secret: none
            {(withUsers ? $"auth:\n  htpasswd:\n    realm: tests\n    path: {users}" : string.Empty)}
            """);
        _process = Shell.Start(program, ["serve", configuration]);
        _process.StandardInput.Close();
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var http = new HttpClient();
        await Eventually.HoldsAsync("docker-registry answers", async () =>
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{Port}/v2/"));
                return true;
            }
            catch (HttpRequestException)
            {
                return _process.HasExited;
            }
        });
        return !_process.HasExited;
    }
}

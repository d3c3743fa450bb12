using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Sampan.Conformance.Registry;

[assembly: AssemblyFixture(typeof(RegistryUnderTest))]

namespace Sampan.Conformance.Registry;

/// <summary>
/// The registry that is judged: <c>REGISTRY</c> in the environment, which is the address of a running one or <c>docker-registry</c> for
/// Debian's, else ours in <c>out/</c>. One for all tests: each has repositories of its own.
/// </summary>
public sealed partial class RegistryUnderTest : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-registry-").FullName;
    private readonly Lock _gate = new();
    private Task<HttpClient>? _client;
    private Process? _process;
    private HttpClient? _http;

    /// <summary>What it is called where deviations are declared.</summary>
    internal static string Name => Environment.GetEnvironmentVariable("REGISTRY") switch
    {
        null or "" => "sampand",
        "docker-registry" => "docker-registry",
        _ => "other",
    };

    /// <summary>A client of it; started with the first one that is asked for, and once: if it does not start, no test gets one.</summary>
    internal Task<HttpClient> ClientAsync()
    {
        lock (_gate)
            return _client ??= Task.Run(StartClientAsync);
    }

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        Directory.Delete(_directory, recursive: true);
    }

    private async Task<HttpClient> StartClientAsync() =>
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = true }) { BaseAddress = await StartAsync(), Timeout = TimeSpan.FromMinutes(2) };

    private async Task<Uri> StartAsync() => Environment.GetEnvironmentVariable("REGISTRY") switch
    {
        null or "" => await StartOursAsync(),
        "docker-registry" => await StartDebiansAsync(),
        var address => new Uri(address),
    };

    private async Task<Uri> StartOursAsync()
    {
        var program = Find();
        Assert.SkipUnless(File.Exists(program), "sampand is not there: run make, or set REGISTRY to the address of a registry");
        _process = Start(program, ["registry", "--listen", "127.0.0.1:0", "--root", Path.Combine(_directory, "root")]);
        return await SaidAsync(_process);
    }

    // Ours says where it listens.
    private static async Task<Uri> SaidAsync(Process process)
    {
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
                address.TrySetException(new InvalidOperationException($"the registry ended: {string.Join('\n', said)}"));
            else if (Listening().Match(line.Data) is { Success: true } match)
                address.TrySetResult(new Uri(match.Value));
            else
                said.Add(line.Data);
        };
        Drain(process);
        return await address.Task.WaitAsync(TimeSpan.FromMinutes(2));
    }

    private async Task<Uri> StartDebiansAsync()
    {
        var program = new[] { "/usr/bin/docker-registry", "/usr/sbin/docker-registry" }.FirstOrDefault(File.Exists);
        Assert.SkipUnless(program is not null, "docker-registry is not installed");
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }
        var configuration = Path.Combine(_directory, "config.yml");
        await File.WriteAllTextAsync(configuration, $$"""
            version: 0.1
            log: {level: error}
            storage:
              filesystem: {rootdirectory: "{{_directory}}/data"}
              delete: {enabled: true}
            http: {addr: "127.0.0.1:{{port}}", secret: none}
            """);
        _process = Start(program, ["serve", configuration]);
        Drain(_process);
        var address = new Uri($"http://127.0.0.1:{port}");
        using var http = new HttpClient { BaseAddress = address };
        for (var deadline = DateTime.UtcNow.AddMinutes(1); ; await Task.Delay(50))
        {
            try
            {
                using var answer = await http.GetAsync("/v2/");
                return address;
            }
            catch (HttpRequestException) when (DateTime.UtcNow < deadline && !_process.HasExited)
            {
                // It is still starting.
            }
        }
    }

    private static Process Start(string program, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false }).ShouldNotBeNull();

    private static void Drain(Process process)
    {
        process.ErrorDataReceived += static (_, _) => { };
        process.OutputDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    private static string Find()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Sampan.slnx")))
                return Path.Combine(directory, "out", "sampand");
        }
        return "";
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:[0-9]+", RegexOptions.None, 1000)]
    private static partial Regex Listening();
}

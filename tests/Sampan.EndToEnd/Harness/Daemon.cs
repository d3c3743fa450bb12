using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Sampan.EndToEnd.Harness;

/// <summary>A <c>sampand</c> on a throw-away root with a bridge and a subnet of its own. Disposal stops it and removes everything it made.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private static int _count;
    private readonly string[] _extraArguments;
    private readonly IReadOnlyDictionary<string, string>? _environment;
    private readonly StringBuilder _log = new();
    private readonly Lock _logGate = new();
    private Process? _process;

    private Daemon(string? root, IReadOnlyDictionary<string, string>? environment, string[] extraArguments)
    {
        _environment = environment;
        var number = Interlocked.Increment(ref _count);
        Root = root ?? Directory.CreateTempSubdirectory("sampan-e2e-").FullName;
        Bridge = $"smp{Environment.ProcessId % 100000}x{number}";
        // The second octet from this process's id, the third the daemon's number: no two daemons share a /24.
        Subnet = $"10.{64 + (Environment.ProcessId % 128)}.{number % 256}";
        Pool = $"10.{192 + (Environment.ProcessId % 62)}.{number % 256}";
        _extraArguments = extraArguments;
        Http = new HttpClient(new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new System.Net.Sockets.Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        })
        { BaseAddress = new Uri("http://engine/"), Timeout = Shell.Patience };
    }

    public string Root { get; }

    public string Bridge { get; }

    /// <summary>The first three octets of the bridge's network.</summary>
    public string Subnet { get; }

    /// <summary>The first three octets of the range that further networks get their subnets from.</summary>
    public string Pool { get; }

    public string DataRoot => Path.Combine(Root, "data");

    public string ExecRoot => Path.Combine(Root, "run");

    public string Socket => Path.Combine(Root, "engine.sock");

    public string Host => $"unix://{Socket}";

    public HttpClient Http { get; }

    public int Pid => (_process ?? throw new InvalidOperationException("the daemon is not running")).Id;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>What the daemon wrote on its standard error and output.</summary>
    public string Log
    {
        get
        {
            lock (_logGate)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Starts a daemon and waits until it answers.</summary>
    public static Task<Daemon> StartAsync(params string[] extraArguments) => StartWithAsync(null, extraArguments);

    /// <summary>As above, with more in its environment.</summary>
    public static async Task<Daemon> StartWithAsync(IReadOnlyDictionary<string, string>? environment, params string[] extraArguments)
    {
        var daemon = new Daemon(null, environment, extraArguments);
        try
        {
            await daemon.StartAgainAsync();
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    public IReadOnlyList<string> Arguments =>
    [
        "--host", Host, "--data-root", DataRoot, "--exec-root", ExecRoot, "--bridge", Bridge, "--bip", $"{Subnet}.1/24", "--default-address-pool", $"base={Pool}.0/24,size=28", .. _extraArguments,
    ];

    /// <summary>What the next start runs.</summary>
    public string Executable { get; set; } = Checkout.Executable("sampand");

    public async Task StartAgainAsync()
    {
        await StartOrDieAsync();
        IsRunning.ShouldBeTrue($"sampand ended at once:\n{Log}");
    }

    /// <summary>As above, but it may also end before it answers.</summary>
    public async Task StartOrDieAsync()
    {
        IsRunning.ShouldBeFalse();
        _process = Shell.Start(Executable, Arguments, _environment);
        _process.StandardInput.Close();
        _process.OutputDataReceived += Remember;
        _process.ErrorDataReceived += Remember;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.HoldsAsync("sampand answers /_ping", async () =>
        {
            try
            {
                using var answer = await Http.GetAsync("_ping");
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return _process.HasExited;
            }
        });
    }

    /// <summary>A crash: SIGKILL, no clean-up of its own.</summary>
    public async Task CrashAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits for an end that the daemon comes to by itself.</summary>
    /// <returns>Its exit code; 128 and the signal's number if a signal ended it.</returns>
    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(Shell.Patience);
        await _process!.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM and its exit code.</summary>
    public async Task<int> StopAsync()
    {
        Signal(15);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process!.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public void Signal(int number) => Kill(Pid, number).ShouldBe(0);

    public Task<Outcome> DockerAsync(params string[] arguments) => ClientAsync(Clients.Docker, arguments);

    public Task<Outcome> SampanAsync(params string[] arguments) => ClientAsync(Clients.Sampan, arguments);

    public Task<Outcome> ClientAsync(string client, params string[] arguments)
        => Shell.RunAsync(Clients.Path(client), arguments, ClientEnvironment);

    public Task<Outcome> ClientWithInputAsync(string client, string stdin, params string[] arguments)
        => Shell.RunAsync(Clients.Path(client), arguments, ClientEnvironment, stdin);

    public Task<Outcome> ClientWithBytesAsync(string client, byte[] stdin, params string[] arguments)
        => Shell.RunAsync(Clients.Path(client), arguments, ClientEnvironment, stdinBytes: stdin);

    public IReadOnlyDictionary<string, string> ClientEnvironment => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["DOCKER_HOST"] = Host,
        ["DOCKER_CONFIG"] = Path.Combine(Root, "client"),
        ["SAMPAN_HOST"] = string.Empty,
        ["COLUMNS"] = "400",
    };

    /// <summary>Sends a request to the API as it is, and reads the whole answer.</summary>
    public async Task<(int Status, string Body)> SendAsync(HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path.TrimStart('/'));
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        using var answer = await Http.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Loads an image that <c>scripts/images</c> made.</summary>
    public async Task LoadAsync(string image)
        => (await SampanAsync("load", "-q", "-i", Checkout.Image(image))).Succeeded();

    public async Task RemoveAllContainersAsync()
    {
        var ids = (await SampanAsync("ps", "-aq", "--no-trunc")).Lines;
        if (ids.Length > 0)
        {
            await SampanAsync(["rm", "-f", "-v", .. ids]);
        }
    }

    /// <summary>Takes every other name away, and what has none.</summary>
    public async Task RemoveImagesExceptAsync(IReadOnlyCollection<string> kept)
    {
        var left = (await SampanAsync("images", "-a", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}")).Lines
            .Select(line => line.Split(' '))
            .Where(words => !kept.Contains(words[0], StringComparer.Ordinal))
            .Select(words => words[0].Contains("<none>", StringComparison.Ordinal) ? words[1] : words[0])
            .ToList();
        if (left.Count > 0)
        {
            await SampanAsync(["rmi", "-f", .. left]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            await RemoveAllContainersAsync();
            try
            {
                await StopAsync();
            }
            catch (OperationCanceledException)
            {
                _process!.Kill();
                await _process.WaitForExitAsync();
            }
        }

        await Leftovers.RemoveAsync(this);
        Http.Dispose();
        _process?.Dispose();
    }

    private void Remember(object sender, DataReceivedEventArgs line)
    {
        lock (_logGate)
        {
            _log.AppendLine(line.Data);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}

using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Sampan.EndToEnd.Harness;

/// <summary><c>sampand registry</c> on a free port of the loopback interface.</summary>
internal sealed partial class OwnRegistry : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly Lock _gate = new();

    private OwnRegistry(Process process)
    {
        _process = process;
        process.StandardInput.Close();
        process.OutputDataReceived += Remember;
        process.ErrorDataReceived += Remember;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Host { get; private set; } = "";

    public int Pid => _process.Id;

    /// <summary>Starts it; a configuration file has to leave the address to this.</summary>
    public static async Task<OwnRegistry> StartAsync(params string[] arguments)
    {
        var registry = new OwnRegistry(Shell.Start(Checkout.Executable("sampand"), ["registry", "--listen", "127.0.0.1:0", .. arguments]));
        try
        {
            await Eventually.HoldsAsync("the registry says where it listens", () =>
            {
                registry._process.HasExited.ShouldBeFalse($"the registry ended at once: {registry.Log}");
                return Listening().IsMatch(registry.Log);
            });
            registry.Host = $"localhost:{Listening().Match(registry.Log).Groups["port"].Value}";
            return registry;
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it without a word, as a crash does.</summary>
    public async Task CrashAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            (await Shell.ShAsync($"kill -TERM {_process.Id}")).Succeeded();
            using var patience = new CancellationTokenSource(Shell.Patience);
            await _process.WaitForExitAsync(patience.Token);
        }

        _process.Dispose();
    }

    private string Log
    {
        get
        {
            lock (_gate)
            {
                return _log.ToString();
            }
        }
    }

    private void Remember(object sender, DataReceivedEventArgs line)
    {
        lock (_gate)
        {
            _log.AppendLine(line.Data);
        }
    }

    [GeneratedRegex("listens on http://127\\.0\\.0\\.1:(?<port>[0-9]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();
}

using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Sampan.EndToEnd.Harness;

/// <summary>A mode of <c>sampand</c> that serves on a free port of the loopback interface.</summary>
internal abstract partial class OwnServer : IAsyncDisposable
{
    private readonly string _mode;
    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly Lock _gate = new();

    protected OwnServer(string mode, string[] arguments)
    {
        _mode = mode;
        _process = Shell.Start(Checkout.Executable("sampand"), [mode, "--listen", "127.0.0.1:0", .. arguments]);
        _process.StandardInput.Close();
        _process.OutputDataReceived += Remember;
        _process.ErrorDataReceived += Remember;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    /// <summary>What it printed.</summary>
    public string Log
    {
        get
        {
            lock (_gate)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Where it listens, once it is <see cref="ReadyAsync"/>.</summary>
    protected string Port => Listening().Match(Log).Groups["port"].Value;

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

    /// <summary>Waits until it listens; one that does not is ended.</summary>
    protected async Task ReadyAsync()
    {
        try
        {
            await Eventually.HoldsAsync($"the {_mode} says where it listens", () =>
            {
                _process.HasExited.ShouldBeFalse($"the {_mode} ended at once: {Log}");
                return Listening().IsMatch(Log);
            });
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private void Remember(object sender, DataReceivedEventArgs line)
    {
        lock (_gate)
        {
            _log.AppendLine(line.Data);
        }
    }

    [GeneratedRegex("(leading from|listens on) http://127\\.0\\.0\\.1:(?<port>[0-9]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();
}

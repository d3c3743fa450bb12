using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Sampan.EndToEnd.Harness;

/// <summary><c>sampand gateway</c> on a free port of the loopback interface.</summary>
internal sealed partial class OwnGateway : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly Lock _gate = new();

    private OwnGateway(Process process)
    {
        _process = process;
        process.StandardInput.Close();
        process.OutputDataReceived += Remember;
        process.ErrorDataReceived += Remember;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Url { get; private set; } = "";

    public int Pid => _process.Id;

    /// <summary>What it printed: its log and the access log.</summary>
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

    public static async Task<OwnGateway> StartAsync(params string[] arguments)
    {
        var gateway = new OwnGateway(Shell.Start(Checkout.Executable("sampand"), ["gateway", "--listen", "127.0.0.1:0", .. arguments]));
        try
        {
            await Eventually.HoldsAsync("the gateway says where it listens", () =>
            {
                gateway._process.HasExited.ShouldBeFalse($"the gateway ended at once: {gateway.Log}");
                return Listening().IsMatch(gateway.Log);
            });
            gateway.Url = $"http://127.0.0.1:{Listening().Match(gateway.Log).Groups["port"].Value}/";
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
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

    private void Remember(object sender, DataReceivedEventArgs line)
    {
        lock (_gate)
        {
            _log.AppendLine(line.Data);
        }
    }

    [GeneratedRegex("leading from http://127\\.0\\.0\\.1:(?<port>[0-9]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();
}

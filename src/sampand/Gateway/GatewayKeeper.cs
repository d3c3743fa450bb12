using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampand.Host;

namespace Sampand.Gateway;

/// <summary>
/// Keeps a gateway running beside the daemon: a process of its own, started again when it ends, later and later if it does not stay. A daemon that ends leaves it to
/// the next one, which knows it by its command line and goes on with it, or ends it if it is to be another one, or none. Where no container runs it goes with the daemon.
/// </summary>
internal sealed class GatewayKeeper : IAsyncDisposable
{
    private const int SIGTERM = 15;
    private const int SIGKILL = 9;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // How often somebody is asked whether the daemon ends; a gateway's own end is seen at once.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    private readonly string _execRoot;
    private readonly IReadOnlyList<string>? _words;
    private readonly Func<bool> _isIdle;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _keeping;

    private GatewayKeeper(string execRoot, IReadOnlyList<string>? words, Func<bool> isIdle, TimeProvider time, ILogger log)
    {
        (_execRoot, _words, _isIdle, _time, _log) = (execRoot, words, isIdle, time, log);
        _keeping = Task.Factory.StartNew(Keep, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private string PidFile => Path.Combine(_execRoot, "gateway.pid");

    private string LogFile => Path.Combine(_execRoot, "gateway.log");

    /// <summary>Begins.</summary>
    /// <param name="execRoot">Where the gateway's number and log are kept.</param>
    /// <param name="words">Its command line behind the program's name; null: none is wanted, and one that an earlier daemon left is ended.</param>
    /// <param name="isIdle">Whether no container runs.</param>
    /// <param name="time">Clocks.</param>
    /// <param name="log">Is told of its beginnings and ends.</param>
    /// <returns>Null: there is nothing to keep, and nothing to end.</returns>
    internal static GatewayKeeper? Start(string execRoot, IReadOnlyList<string>? words, Func<bool> isIdle, TimeProvider time, ILogger log) =>
        words is null && !File.Exists(Path.Combine(execRoot, "gateway.pid")) ? null : new GatewayKeeper(execRoot, words, isIdle, time, log);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _keeping;
        _stop.Dispose();
    }

    private void Keep()
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("the daemon does not know its own file");
        string[] argv = [program, "gateway", .. _words ?? []];
        var running = Left(argv);
        if (_words is null)
            return;
        var pause = s_firstPause;
        while (!_stop.IsCancellationRequested)
        {
            long began = _time.GetTimestamp();
            try
            {
                using var gateway = running ?? Launch(program, argv);
                running = null;
                while (!gateway.WaitEnded(s_look))
                {
                    if (!_stop.IsCancellationRequested)
                        continue;
                    if (_isIdle())
                        End(gateway);
                    return;
                }

                var exit = gateway.Reap();
                DaemonLog.GatewayEnded(_log, gateway.Pid, exit is { } known ? known.ExitCode.ToString(CultureInfo.InvariantCulture) : "unknown", LastWords());
            }
            catch (Exception failure) when (failure is LinuxException or IOException or UnauthorizedAccessException)
            {
                DaemonLog.GatewayFailed(_log, failure.Message);
            }

            if (_time.GetElapsedTime(began) > s_longestPause)
                pause = s_firstPause;
            _stop.Token.WaitHandle.WaitOne(pause);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    private PidFd Launch(string program, string[] argv)
    {
        using var log = new FileStream(LogFile, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.ReadWrite, UnixCreateMode = Private });
        using var end = new SafeFd((int)log.SafeFileHandle.DangerousGetHandle(), ownsHandle: false);
        var gateway = PidFd.Open(ProcessSpawner.Spawn(program, argv, null, new SpawnOptions { Stderr = end, NewSession = true }));
        AtomicFile.Write(PidFile, Encoding.ASCII.GetBytes(gateway.Pid.ToString(CultureInfo.InvariantCulture)), Private, durable: false);
        DaemonLog.GatewayStarted(_log, gateway.Pid, LogFile);
        return gateway;
    }

    /// <summary>The gateway that an earlier daemon left, if it is the one that is wanted; another one is ended.</summary>
    private PidFd? Left(string[] argv)
    {
        if (!File.Exists(PidFile) || !int.TryParse(File.ReadAllText(PidFile), NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            return null;
        PidFd? gateway = null;
        string[] words;
        try
        {
            gateway = PidFd.Open(pid);
            words = File.ReadAllText($"/proc/{pid}/cmdline").TrimEnd('\0').Split('\0');
        }
        catch (Exception gone) when (gone is LinuxException or IOException or UnauthorizedAccessException)
        {
            gateway?.Dispose();
            return null;
        }

        if (words.SequenceEqual(argv, StringComparer.Ordinal))
        {
            DaemonLog.GatewayAdopted(_log, pid);
            return gateway;
        }

        using (gateway)
        {
            // The number may be another program's by now.
            if (words is [_, "gateway", ..] && Path.GetFileName(words[0]) == Path.GetFileName(argv[0]))
                End(gateway);
        }

        return null;
    }

    private void End(PidFd gateway)
    {
        DaemonLog.GatewayStopped(_log, gateway.Pid);
        if (gateway.Send(SIGTERM) && !gateway.WaitEnded(s_patience) && gateway.Send(SIGKILL))
            gateway.WaitEnded(s_patience);
        _ = gateway.Reap();
        File.Delete(PidFile);
    }

    private string LastWords()
    {
        try
        {
            using var log = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            log.Position = Math.Max(0, log.Length - 500);
            using var reader = new StreamReader(log);
            return reader.ReadToEnd().TrimEnd().Split('\n')[^1];
        }
        catch (IOException)
        {
            return ""; // that it ended is told all the same
        }
    }
}

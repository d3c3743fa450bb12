using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Supervision;

/// <summary>Ends: of execs, of orphans, of the container, of the supervisor.</summary>
internal sealed partial class Supervisor
{
    private static readonly TimeSpan s_killLimit = TimeSpan.FromSeconds(10);

    /// <summary>Streams of processes that ended, whose clients have not taken everything yet.</summary>
    private readonly List<ProcessStreams> _ending = [];
    private ExitRecord? _exit;
    private bool _isFinished;

    /// <summary>Takes every child that has ended: init, execs, and orphans of a container without pid namespace.</summary>
    private void Reap()
    {
        while (CurrentProcess.TryReapAny(out var pid, out var exit))
        {
            if (pid == Init.Process.Pid)
            {
                EndContainer(exit);
                continue;
            }
            foreach (var exec in _execs.Values)
            {
                if (exec.Launched.Process.Pid != pid)
                    continue;
                EndExec(exec, exit);
                break;
            }
        }
    }

    /// <summary>
    /// <list type="number">
    /// <item>note the time, take the rest of the output</item>
    /// <item>kill what is left in the cgroup, and reap it</item>
    /// <item>read whether memory ran out, remove the cgroup</item>
    /// <item>poststop hooks</item>
    /// <item>close the socket to newcomers, write <c>exit.json</c></item>
    /// <item>tell the clients; each leaves when it has taken everything</item>
    /// </list>
    /// </summary>
    private void EndContainer(ProcessExit exit)
    {
        var finishedAt = _time.GetUtcNow();
        _poll.Forget(Init.Process.Descriptor);
        string? error = null;
        var oom = false;
        Attempt("cgroup", ref error, () =>
        {
            oom = Cgroup.ReadOomKills() > 0;
            // With a pid namespace the kernel has killed everybody when init ended; without one, or if somebody joined the group, they live.
            if (!Cgroup.KillAll(s_killLimit))
                throw new RuntimeException("cgroup", "processes of the container could not be killed");
        });
        Streams.Drain();
        error ??= _log?.Failure is { } failure ? "the log is incomplete: " + failure : null;
        _exit = new ExitRecord { ExitCode = exit.ExitCode, Signal = exit.Signal, OomKilled = oom, FinishedAt = finishedAt };
        Reap();
        foreach (var exec in _execs.Values.ToArray())
            EndExec(exec, new ProcessExit(SIGKILL, Signaled: true));
        if (_other is not null)
            Attempt("runtime", ref error, _other.Delete);
        Attempt("cgroup", ref error, Group.Remove);
        if (_hooks.Poststop.Count > 0)
            Attempt("poststop hooks", ref error, () => HookRunner.Run(_hooks.Poststop, HookState("stopped", 0), "poststop"));
        _poll.Forget(_listener.Descriptor);
        Attempt("socket", ref error, () => HostFile.Remove($"{_launch.StateDirectory}/{SocketName}"));
        _exit = _exit with { Error = error };
        var json = RuntimeDocument.Write(_exit);
        Attempt("exit record", ref error, () => AtomicFile.Write($"{_launch.StateDirectory}/{ExitName}", json, UnixFileMode.UserRead | UnixFileMode.UserWrite, durable: false));
        TellLogWaiters();
        Streams.EndClients();
        for (var i = _clients.Count - 1; i >= 0; i--)
            _clients[i].Send(ControlKind.Exited, 0, json);
        _finishBy = Environment.TickCount64 + (long)ProcessStreams.StallLimit.TotalMilliseconds;
    }

    /// <summary>The end goes on whatever fails on the way; the first failure is told with the exit.</summary>
    private static void Attempt(string step, ref string? error, Action act)
    {
        try
        {
            act();
        }
        catch (Exception failure) when (failure is LinuxException or RuntimeException or IOException)
        {
            error ??= $"{step}: {failure.Message}";
        }
    }

    private long _finishBy;

    /// <summary>After the end: finished when everybody has taken everything, or after the stall limit.</summary>
    /// <returns>Milliseconds until the next look, or -1 while the container lives.</returns>
    private int FinishDeadline(long now)
    {
        for (var i = _ending.Count - 1; i >= 0; i--)
        {
            if (_ending[i].ClientCount > 0)
                continue;
            _ending[i].Dispose();
            _ending.RemoveAt(i);
        }
        if (_exit is null)
            return -1;
        var left = _finishBy - now;
        var isWaiting = Streams.ClientCount > 0 || _ending.Count > 0 || _clients.Exists(client => client.HasUnsent);
        _isFinished = !isWaiting || left <= 0;
        return _isFinished ? 0 : (int)left;
    }
}

using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>Children and signals of the calling process.</summary>
public static unsafe partial class CurrentProcess
{
    /// <summary>Ignores a signal; programs started later inherit that.</summary>
    public static void IgnoreSignal(int signal)
    {
        var action = stackalloc byte[SigactionSize];
        new Span<byte>(action, SigactionSize).Clear();
        *(nint*)action = 1; // SIG_IGN
        _ = Sys.sigaction(signal, action, null);
    }

    /// <summary>Takes the exit status of any child that has ended, an adopted orphan too.</summary>
    /// <returns>False if none has.</returns>
    public static bool TryReapAny(out int pid, out ProcessExit exit)
    {
        Sys.WaitInfo info = default;
        pid = 0;
        exit = default;
        while (Sys.waitid(Sys.P_ALL, 0, &info, Sys.WEXITED | Sys.WNOHANG) != 0)
        {
            if (Sys.LastErrno != Errno.EINTR)
                return false;
        }
        if (info.Pid == 0)
            return false;
        pid = info.Pid;
        exit = new ProcessExit(info.Status, info.Code != Sys.CLD_EXITED);
        return true;
    }
}

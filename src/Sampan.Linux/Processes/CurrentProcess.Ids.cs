using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>Who the calling process is.</summary>
public static partial class CurrentProcess
{
    /// <summary>The effective user id.</summary>
    public static uint ReadUid() => Sys.geteuid();

    /// <summary>The effective group id.</summary>
    public static uint ReadGid() => Sys.getegid();
}

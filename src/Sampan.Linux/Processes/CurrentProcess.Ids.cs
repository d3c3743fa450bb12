using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>Who the calling process is.</summary>
public static partial class CurrentProcess
{
    /// <summary>The effective user id.</summary>
    public static uint ReadUid() => Sys.geteuid();

    /// <summary>The effective group id.</summary>
    public static uint ReadGid() => Sys.getegid();

    private const int PR_GET_SECUREBITS = 27;
    private const int PR_SET_SECUREBITS = 28;
    private const nuint SECBIT_NO_SETUID_FIXUP = 4;

    /// <summary>Does something as another owner of files, with the same capabilities: what is made belongs to him, as far as the file system knows him.</summary>
    /// <param name="uid">User.</param>
    /// <param name="gid">Group.</param>
    /// <param name="work">What to do; on the calling thread.</param>
    /// <exception cref="LinuxException">The caller may not be anybody else.</exception>
    public static T AsOwner<T>(uint uid, uint gid, Func<T> work)
    {
        var bits = (nuint)Sys.Check(Sys.prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), "read the secure bits");
        // Without the bit, root's capabilities over files would go with his id.
        Sys.Check(Sys.prctl(PR_SET_SECUREBITS, bits | SECBIT_NO_SETUID_FIXUP, 0, 0, 0), "set the secure bits");
        var group = Sys.setfsgid(gid);
        var user = Sys.setfsuid(uid);
        try
        {
            if (Sys.setfsuid(uid) != uid || Sys.setfsgid(gid) != gid)
                throw new LinuxException("own files as", Errno.EPERM, $"{uid}:{gid}");
            return work();
        }
        finally
        {
            Sys.setfsuid(user);
            Sys.setfsgid(group);
            Sys.Check(Sys.prctl(PR_SET_SECUREBITS, bits, 0, 0, 0), "set the secure bits");
        }
    }
}

using System.Text;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>The <see href="https://man7.org/linux/man-pages/man7/session-keyring.7.html">session keyring</see> of a process: keys that it and its children find. A kernel without keyrings has none to leave.</summary>
public static unsafe class SessionKeyring
{
    /// <summary>
    /// Leaves the caller's keyring for a new one, so that keys of the host stay out of reach. It is made searchable: a later process can join it by its name.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="inUserNamespace">True to make it searchable for other users, too: those of a user namespace are others.</param>
    /// <exception cref="LinuxException">The kernel refused (EDQUOT: the user has as many keys as he may, see /proc/sys/kernel/keys).</exception>
    public static void Create(string name, bool inUserNamespace)
    {
        if (TryJoin(name) is not { } key)
            return;
        var permissions = Sys.KEY_POS_ALL | Sys.KEY_USR_VIEW | Sys.KEY_USR_READ | Sys.KEY_USR_LINK | (inUserNamespace ? Sys.KEY_OTH_SEARCH : Sys.KEY_USR_SEARCH);
        Sys.Check(Sys.keyctl(Sys.KEYCTL_SETPERM, (nuint)key, permissions), "make searchable the session keyring", name);
    }

    /// <summary>Leaves the caller's keyring for the one of a name in this user namespace; if there is none, it is made.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Join(string name) => _ = TryJoin(name);

    private static long? TryJoin(string name)
    {
        var text = Encoding.UTF8.GetBytes(name + '\0');
        fixed (byte* start = text)
        {
            var key = Sys.keyctl(Sys.KEYCTL_JOIN_SESSION_KEYRING, (nuint)start, 0);
            if (key >= 0)
                return key;
        }
        return Sys.LastErrno == Errno.ENOSYS ? null : throw new LinuxException("join session keyring", Sys.LastErrno, name);
    }
}

using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>A pseudo-terminal. See <see href="https://man7.org/linux/man-pages/man7/pty.7.html">pty(7)</see>.</summary>
public static unsafe class Terminal
{
    /// <summary>Opens a new master of a devpts instance and unlocks its peer.</summary>
    /// <param name="devpts">The root of the instance.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static SafeFd OpenMaster(SafeFd devpts)
    {
        var master = new SafeFd(Sys.Check(Sys.openat(devpts.Number, "ptmx", OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal | OpenFlags.NoFollow), "open", "ptmx"));
        var unlocked = 0;
        Sys.Check(Sys.ioctl(master.Number, Sys.TIOCSPTLCK, (nint)(&unlocked)), "unlock the terminal");
        return master;
    }

    /// <summary>Opens the slave side through the master: no path is looked up that a container could have exchanged (CVE-2025-52565).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static SafeFd OpenPeer(SafeFd master)
    {
        const int ReadWriteNoTerminal = 0x2 | 0x100 | Sys.O_CLOEXEC;
        return new SafeFd(Sys.Check(Sys.ioctl(master.Number, Sys.TIOCGPTPEER, ReadWriteNoTerminal), "open the terminal's peer"));
    }

    /// <summary>Makes the terminal the controlling one of the calling session leader.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Control(SafeFd peer) => Sys.Check(Sys.ioctl(peer.Number, Sys.TIOCSCTTY, 0), "take the controlling terminal");

    /// <summary>Tells the terminal its size, and the programs on it by SIGWINCH.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Resize(SafeFd terminal, ushort rows, ushort columns)
    {
        var size = new Sys.WindowSize { Rows = rows, Columns = columns };
        Sys.Check(Sys.ioctl(terminal.Number, Sys.TIOCSWINSZ, (nint)(&size)), "resize the terminal");
    }

    /// <summary>Gives the slave side to a user.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void ChangeOwner(SafeFd peer, uint uid, uint gid) => Sys.Check(Sys.fchown(peer.Number, uid, gid), "give the terminal to its user");

    /// <summary>Gives pipes to a user where that goes; files stay whose they are.</summary>
    public static void TryGivePipes(IEnumerable<SafeFd?> streams, uint uid, uint gid)
    {
        foreach (var stream in streams)
        {
            if (stream is not null && FileStatus.Of(stream).Kind == FileKind.Fifo)
                _ = Sys.fchown(stream.Number, uid, gid);
        }
    }

    /// <summary>Gives a stream to a user where that goes: a read-only or foreign file stays as it is.</summary>
    public static void TryChangeOwner(SafeFd stream, uint uid)
    {
        if (FileStatus.Of(stream).Kind != FileKind.CharacterDevice) // /dev/null is everybody's
            _ = Sys.fchown(stream.Number, uid, uint.MaxValue);
    }
}

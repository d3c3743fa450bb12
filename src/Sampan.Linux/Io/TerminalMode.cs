using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>
/// The terminal that a program was started on: its size, and raw mode, in which keys arrive as they are pressed.
/// Disposing gives the terminal its former mode back. See <see href="https://man7.org/linux/man-pages/man3/termios.3.html">termios(3)</see>.
/// </summary>
public sealed unsafe class TerminalMode : IDisposable
{
    private const uint InputOff = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400; // IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON
    private const uint OutputOff = 0x1; // OPOST
    private const uint LocalOff = 0x8 | 0x40 | 0x2 | 0x1 | 0x8000; // ECHO ECHONL ICANON ISIG IEXTEN
    private const uint ControlOff = 0x30 | 0x100; // CSIZE PARENB
    private const uint EightBits = 0x30; // CS8
    private const int MinimumIndex = 6; // VMIN
    private const int TimeIndex = 5; // VTIME

    private readonly int _fd;
    private readonly Sys.KernelTermios _before;
    private bool _restored;

    private TerminalMode(int fd, Sys.KernelTermios before) => (_fd, _before) = (fd, before);

    /// <summary>Whether the descriptor is a terminal.</summary>
    public static bool IsTerminal(int fd)
    {
        Sys.KernelTermios mode;
        return Sys.ioctl(fd, Sys.TCGETS, (nint)(&mode)) == 0;
    }

    /// <summary>Rows and columns in characters; null: not a terminal, or one without a size.</summary>
    public static (int Rows, int Columns)? Size(int fd)
    {
        Sys.WindowSize size;
        if (Sys.ioctl(fd, Sys.TIOCGWINSZ, (nint)(&size)) != 0 || (size.Rows == 0 && size.Columns == 0)) return null;
        return (size.Rows, size.Columns);
    }

    /// <summary>Puts the terminal into raw mode until disposal, as cfmakeraw(3) does.</summary>
    /// <exception cref="LinuxException">The descriptor is no terminal.</exception>
    public static TerminalMode EnterRaw(int fd)
    {
        Sys.KernelTermios before;
        Sys.Check(Sys.ioctl(fd, Sys.TCGETS, (nint)(&before)), "read the terminal's mode");
        var raw = before;
        raw.InputFlags &= ~InputOff;
        raw.OutputFlags &= ~OutputOff;
        raw.LocalFlags &= ~LocalOff;
        raw.ControlFlags = (raw.ControlFlags & ~ControlOff) | EightBits;
        raw.ControlCharacters[MinimumIndex] = 1;
        raw.ControlCharacters[TimeIndex] = 0;
        Sys.Check(Sys.ioctl(fd, Sys.TCSETS, (nint)(&raw)), "set the terminal's mode");
        return new TerminalMode(fd, before);
    }

    /// <summary>Gives the terminal its former mode back; a terminal that is gone needs none.</summary>
    public void Dispose()
    {
        if (_restored) return;
        _restored = true;
        var before = _before;
        _ = Sys.ioctl(_fd, Sys.TCSETS, (nint)(&before));
    }
}

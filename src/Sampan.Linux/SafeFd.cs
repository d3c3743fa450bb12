using System.Runtime.InteropServices;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux;

/// <summary>An open file descriptor that closes itself. Every descriptor the engine opens is close-on-exec.</summary>
public sealed class SafeFd : SafeHandle
{
    private const nint Closed = -1;

    /// <summary>Takes ownership of <paramref name="fd"/>.</summary>
    /// <param name="fd">A descriptor number, 0 or above.</param>
    /// <param name="ownsHandle">False to look at a descriptor that somebody else closes.</param>
    public SafeFd(int fd, bool ownsHandle = true)
        : base(Closed, ownsHandle) => SetHandle(fd);

    /// <inheritdoc/>
    public override bool IsInvalid => handle < 0;

    /// <summary>The number, valid while this object is neither closed nor collected.</summary>
    public int Number => (int)handle;

    /// <summary>The path by which the kernel itself names this descriptor, good for calls that take only paths.</summary>
    public string ProcPath => $"/proc/self/fd/{Number}";

    /// <summary>Gives the number away: the caller closes it from now on.</summary>
    public int Release()
    {
        var fd = Number;
        SetHandleAsInvalid();
        return fd;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Sys.close((int)handle) == 0;
}

using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;asm-generic/termbits.h&gt;, &lt;asm-generic/ioctls.h&gt;: the terminal's line discipline.</summary>
internal static unsafe partial class Sys
{
    internal const uint TCGETS = 0x5401;
    internal const uint TCSETS = 0x5402;

    /// <summary>The kernel's struct termios, as TCGETS and TCSETS take it; libc's own is larger.
    /// See <see href="https://man7.org/linux/man-pages/man2/TCSETS.2const.html">TCSETS(2const)</see>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct KernelTermios
    {
        internal uint InputFlags;
        internal uint OutputFlags;
        internal uint ControlFlags;
        internal uint LocalFlags;
        internal byte LineDiscipline;
        internal fixed byte ControlCharacters[19];
    }
}

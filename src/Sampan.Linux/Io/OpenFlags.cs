using System.Runtime.InteropServices;

namespace Sampan.Linux.Io;

/// <summary>How a file is opened; see <see href="https://man7.org/linux/man-pages/man2/open.2.html">open(2)</see>. The values are x86-64's, translated for other processors.</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>O_RDONLY.</summary>
    ReadOnly = 0,

    /// <summary>O_WRONLY.</summary>
    WriteOnly = 1,

    /// <summary>O_RDWR.</summary>
    ReadWrite = 2,

    /// <summary>O_CREAT: make the file if it is not there.</summary>
    Create = 0x40,

    /// <summary>O_EXCL: with <see cref="Create"/>, fail if it is there, be it a dangling symbolic link.</summary>
    Exclusive = 0x80,

    /// <summary>O_NOCTTY: a terminal does not become the controlling one.</summary>
    NoControllingTerminal = 0x100,

    /// <summary>O_TRUNC.</summary>
    Truncate = 0x200,

    /// <summary>O_APPEND.</summary>
    Append = 0x400,

    /// <summary>O_NONBLOCK.</summary>
    NonBlocking = 0x800,

    /// <summary>O_DIRECTORY: fail unless it is a directory.</summary>
    Directory = 0x10000,

    /// <summary>O_NOFOLLOW: fail if the last component is a symbolic link.</summary>
    NoFollow = 0x20000,

    /// <summary>O_CLOEXEC; every open of this library adds it.</summary>
    CloseOnExec = 0x80000,

    /// <summary>__O_TMPFILE: with <see cref="Directory"/>, a new file in the directory that has no name.</summary>
    Unnamed = 0x400000,

    /// <summary>O_PATH: a place in the tree, without access to the content.</summary>
    Path = 0x200000,
}

/// <summary>Translation of <see cref="OpenFlags"/> to the running processor's numbers.</summary>
internal static class OpenFlagsAbi
{
    /// <summary>O_DIRECTORY and O_NOFOLLOW have other values on arm64 (arch/arm64/include/uapi/asm/fcntl.h).</summary>
    internal static int ToKernel(this OpenFlags flags) => ToKernel(flags, RuntimeInformation.ProcessArchitecture);

    internal static int ToKernel(OpenFlags flags, Architecture architecture)
    {
        if (architecture != Architecture.Arm64)
            return (int)flags;

        var value = (int)(flags & ~(OpenFlags.Directory | OpenFlags.NoFollow));
        if (flags.HasFlag(OpenFlags.Directory))
            value |= 0x4000;
        if (flags.HasFlag(OpenFlags.NoFollow))
            value |= 0x8000;
        return value;
    }
}

using System.Runtime.InteropServices;

namespace Sampan.Linux.Seccomp;

/// <summary>An interface by which programs call the kernel. A filter answers only those it lists; all others are killed or told ENOSYS.</summary>
public enum SeccompArchitecture
{
    /// <summary>x86-64 (SCMP_ARCH_X86_64, amd64).</summary>
    X64,

    /// <summary>32-bit x86 (SCMP_ARCH_X86, i386), also on 64-bit kernels.</summary>
    X86,

    /// <summary>x86-64 with 32-bit pointers (SCMP_ARCH_X32).</summary>
    X32,

    /// <summary>64-bit ARM (SCMP_ARCH_AARCH64).</summary>
    Arm64,
}

/// <summary>What the kernel calls an architecture, and which we run on.</summary>
public static class SeccompArchitectures
{
    /// <summary>The architecture of this process.</summary>
    /// <exception cref="LinuxException">EOPNOTSUPP: there is no table of system calls for it.</exception>
    public static SeccompArchitecture Native => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => SeccompArchitecture.X64,
        Architecture.Arm64 => SeccompArchitecture.Arm64,
        var other => throw new LinuxException("filter system calls on", Errno.EOPNOTSUPP, other.ToString()),
    };

    /// <summary>Finds an architecture by libseccomp's name, as in OCI documents.</summary>
    /// <param name="name">For example <c>SCMP_ARCH_X86_64</c>.</param>
    /// <param name="architecture">Which, if there is a table for it.</param>
    public static bool TryParse(string name, out SeccompArchitecture architecture)
    {
        (architecture, var known) = name switch
        {
            "SCMP_ARCH_X86_64" => (SeccompArchitecture.X64, true),
            "SCMP_ARCH_X86" => (SeccompArchitecture.X86, true),
            "SCMP_ARCH_X32" => (SeccompArchitecture.X32, true),
            "SCMP_ARCH_AARCH64" => (SeccompArchitecture.Arm64, true),
            _ => (default, false),
        };
        return known;
    }

    /// <summary>The AUDIT_ARCH value of linux/audit.h; x32 shares x86-64's.</summary>
    internal static uint AuditValue(this SeccompArchitecture architecture) => architecture switch
    {
        SeccompArchitecture.X64 or SeccompArchitecture.X32 => 0xc000003e,
        SeccompArchitecture.X86 => 0x40000003,
        SeccompArchitecture.Arm64 => 0xc00000b7,
        _ => throw new ArgumentOutOfRangeException(nameof(architecture)),
    };
}

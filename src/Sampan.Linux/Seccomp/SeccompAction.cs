namespace Sampan.Linux.Seccomp;

/// <summary>What happens to a call: the value a filter returns (<see href="https://man7.org/linux/man-pages/man2/seccomp.2.html">seccomp(2)</see>).</summary>
/// <param name="Value">SECCOMP_RET_* with its data in the low 16 bits.</param>
public readonly record struct SeccompAction(uint Value)
{
    private const uint ActionMask = 0xffff0000;

    /// <summary>The call goes ahead.</summary>
    public static SeccompAction Allow => new(0x7fff0000);

    /// <summary>The call goes ahead and is logged.</summary>
    public static SeccompAction Log => new(0x7ffc0000);

    /// <summary>The process is killed with SIGSYS and dumps core.</summary>
    public static SeccompAction KillProcess => new(0x80000000);

    /// <summary>The thread is killed with SIGSYS.</summary>
    public static SeccompAction KillThread => new(0x00000000);

    /// <summary>The thread gets SIGSYS, which it may handle.</summary>
    public static SeccompAction Trap => new(0x00030000);

    /// <summary>The call waits for a supervisor that holds the filter's listener.</summary>
    public static SeccompAction Notify => new(0x7fc00000);

    /// <summary>The call fails with an error number, 0 to 4095 (more is cut to it by the kernel).</summary>
    public static SeccompAction Fail(Errno errno) => Fail((ushort)errno);

    /// <inheritdoc cref="Fail(Errno)"/>
    public static SeccompAction Fail(ushort errno) => new(0x00050000u | errno);

    /// <summary>A tracer is told, with a number for it.</summary>
    public static SeccompAction Trace(ushort message) => new(0x7ff00000u | message);

    /// <summary>True if the call is kept from happening whatever a supervisor says.</summary>
    internal bool Denies => (Value & ActionMask) is 0x80000000 or 0 or 0x00030000 or 0x00050000;
}

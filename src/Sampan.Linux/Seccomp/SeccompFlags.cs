namespace Sampan.Linux.Seccomp;

/// <summary>How a filter is installed (<see href="https://man7.org/linux/man-pages/man2/seccomp.2.html">seccomp(2)</see>).</summary>
[Flags]
public enum SeccompFlags
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>SECCOMP_FILTER_FLAG_TSYNC: in all threads.</summary>
    AllThreads = 1,

    /// <summary>SECCOMP_FILTER_FLAG_LOG: denials are logged.</summary>
    Log = 2,

    /// <summary>SECCOMP_FILTER_FLAG_SPEC_ALLOW: no mitigation against speculative store bypass, which costs speed.</summary>
    SpeculationAllowed = 4,

    /// <summary>SECCOMP_FILTER_FLAG_NEW_LISTENER: give a descriptor for <see cref="SeccompAction.Notify"/>.</summary>
    NewListener = 8,

    /// <summary>SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: a call that waits for the supervisor is interrupted only by a deadly signal.</summary>
    WaitKillable = 32,
}

namespace Sampan.Linux;

/// <summary>Capabilities as text: <c>CAP_NET_ADMIN</c>.</summary>
public static class CapabilityNames
{
    private const string Prefix = "CAP_";

    // The index is the capability's number.
    private static readonly string[] Names =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
        "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
        "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
        "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>The kernel's name with <c>CAP_</c>.</summary>
    public static string ToName(this Capability capability) => Names[(int)capability];

    /// <summary>Finds a capability by its name, with or without <c>CAP_</c>, in any case.</summary>
    /// <param name="name">For example <c>net_admin</c> or <c>CAP_NET_ADMIN</c>.</param>
    /// <param name="capability">The capability, if there is one of that name.</param>
    public static bool TryParse(string name, out Capability capability)
    {
        var bare = name.AsSpan(name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? Prefix.Length : 0);
        for (var number = 0; number < Names.Length; number++)
        {
            if (bare.Equals(Names[number].AsSpan(Prefix.Length), StringComparison.OrdinalIgnoreCase))
            {
                capability = (Capability)number;
                return true;
            }
        }

        capability = default;
        return false;
    }
}

using Sampan.Linux.Syscalls;

namespace Sampan.Linux;

/// <summary>
/// The capability sets of the calling thread (<see href="https://man7.org/linux/man-pages/man7/capabilities.7.html">capabilities(7)</see>).
/// The order in a container's init: <see cref="DropBounding"/> while still privileged, <see cref="KeepThroughUserChange"/>, setuid,
/// <see cref="Set"/>, <see cref="SetAmbient"/>. The inheritable set is empty unless asked for, else every program with file
/// capabilities would regain them after execve (CVE-2022-24769, CVE-2022-29162, CVE-2022-27650).
/// </summary>
public static unsafe class ProcessCapabilities
{
    /// <summary>What this thread may make effective: what it can give to a container at most.</summary>
    public static CapabilitySet ReadPermitted() => Read().Permitted;

    /// <summary>The three sets of this thread.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static (CapabilitySet Effective, CapabilitySet Permitted, CapabilitySet Inheritable) Read()
    {
        var header = new Sys.cap_header { version = Sys.CapabilityVersion3 };
        var data = stackalloc Sys.cap_data[2];
        Sys.Check(Sys.capget(&header, data), "read capabilities");
        return (Join(data[0].effective, data[1].effective), Join(data[0].permitted, data[1].permitted), Join(data[0].inheritable, data[1].inheritable));
    }

    /// <summary>The bounding set of this thread; it ends at the last capability the running kernel knows.</summary>
    public static CapabilitySet ReadBounding()
    {
        ulong bits = 0;
        for (var number = 0; number < 64; number++)
        {
            var state = Sys.prctl(Sys.PR_CAPBSET_READ, (nuint)number, 0, 0, 0);
            if (state < 0)
                break; // EINVAL: the kernel has no more
            if (state > 0)
                bits |= 1UL << number;
        }

        return new CapabilitySet(bits);
    }

    /// <summary>Every capability the running kernel knows, held or not.</summary>
    public static CapabilitySet ReadKnown()
    {
        var count = 0;
        while (count < 64 && Sys.prctl(Sys.PR_CAPBSET_READ, (nuint)count, 0, 0, 0) >= 0)
            count++;
        return new CapabilitySet(count == 64 ? ulong.MaxValue : (1UL << count) - 1);
    }

    /// <summary>The ambient set of this thread.</summary>
    public static CapabilitySet ReadAmbient()
    {
        ulong bits = 0;
        foreach (var capability in CapabilitySet.All.Items())
        {
            if (Sys.prctl(Sys.PR_CAP_AMBIENT, Sys.PR_CAP_AMBIENT_IS_SET, (nuint)capability, 0, 0) > 0)
                bits |= 1UL << (int)capability;
        }

        return new CapabilitySet(bits);
    }

    /// <summary>Removes everything from the bounding set that is not in <paramref name="keep"/>; needs CAP_SETPCAP if anything is to go.</summary>
    /// <param name="keep">What stays, if it is there: nothing can be added.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void DropBounding(CapabilitySet keep)
    {
        for (var number = 0; number < 64; number++)
        {
            if ((keep.Bits & (1UL << number)) != 0)
                continue;
            var state = Sys.prctl(Sys.PR_CAPBSET_READ, (nuint)number, 0, 0, 0);
            if (state < 0)
                return;
            if (state > 0)
                Sys.Check(Sys.prctl(Sys.PR_CAPBSET_DROP, (nuint)number, 0, 0, 0), "drop from the bounding set", Name(number));
        }
    }

    /// <summary>Keeps the permitted set when all user ids leave 0; execve ends it.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void KeepThroughUserChange(bool keep) =>
        Sys.Check(Sys.prctl(Sys.PR_SET_KEEPCAPS, keep ? (nuint)1 : 0, 0, 0, 0), "keep capabilities");

    /// <summary>Sets the three sets of this thread.</summary>
    /// <param name="effective">In force now; must be within <paramref name="permitted"/>.</param>
    /// <param name="permitted">May be made effective; nothing that is not permitted already.</param>
    /// <param name="inheritable">Leave it empty unless the container's specification lists some.</param>
    /// <exception cref="LinuxException">The kernel refused: EPERM when more is asked than is held.</exception>
    public static void Set(CapabilitySet effective, CapabilitySet permitted, CapabilitySet inheritable = default)
    {
        var header = new Sys.cap_header { version = Sys.CapabilityVersion3 };
        var data = stackalloc Sys.cap_data[2];
        data[0] = new Sys.cap_data { effective = (uint)effective.Bits, permitted = (uint)permitted.Bits, inheritable = (uint)inheritable.Bits };
        data[1] = new Sys.cap_data { effective = (uint)(effective.Bits >> 32), permitted = (uint)(permitted.Bits >> 32), inheritable = (uint)(inheritable.Bits >> 32) };
        Sys.Check(Sys.capset(&header, data), "set capabilities");
    }

    /// <summary>Sets the ambient set: what programs without file capabilities keep after execve as another user than root.</summary>
    /// <param name="ambient">Each must be permitted and inheritable.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetAmbient(CapabilitySet ambient)
    {
        Sys.Check(Sys.prctl(Sys.PR_CAP_AMBIENT, Sys.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "clear ambient capabilities");
        for (var number = 0; number < 64; number++)
        {
            if ((ambient.Bits & (1UL << number)) != 0)
                Sys.Check(Sys.prctl(Sys.PR_CAP_AMBIENT, Sys.PR_CAP_AMBIENT_RAISE, (nuint)number, 0, 0), "raise ambient capability", Name(number));
        }
    }

    /// <summary>From now on execve gives this thread and its children no privileges by set-uid or file capabilities.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetNoNewPrivileges() => Sys.Check(Sys.prctl(Sys.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "set no-new-privileges");

    private static CapabilitySet Join(uint low, uint high) => new(low | ((ulong)high << 32));

    private static string Name(int number) => number <= (int)Capability.CheckpointRestore ? ((Capability)number).ToName() : $"capability {number}";
}

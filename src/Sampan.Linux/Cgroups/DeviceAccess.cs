namespace Sampan.Linux.Cgroups;

/// <summary>What may be done with a device.</summary>
[Flags]
public enum DeviceAccess
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Create its node (<c>m</c>). The values are the kernel's BPF_DEVCG_ACC_*.</summary>
    Make = 1,

    /// <summary>Read (<c>r</c>).</summary>
    Read = 2,

    /// <summary>Write (<c>w</c>).</summary>
    Write = 4,

    /// <summary><c>rwm</c>.</summary>
    All = Make | Read | Write,
}

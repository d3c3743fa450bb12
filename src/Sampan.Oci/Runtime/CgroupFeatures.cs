namespace Sampan.Oci.Runtime;

/// <summary>Cgroup support of a runtime. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/features-linux.md">the specification</see>.</summary>
public sealed record CgroupFeatures
{
    /// <summary>True if cgroup v1 works.</summary>
    public bool V1 { get; init; }

    /// <summary>True if cgroup v2 works.</summary>
    public bool V2 { get; init; }

    /// <summary>True if systemd can be asked.</summary>
    public bool Systemd { get; init; }

    /// <summary>True if a user's systemd can be asked.</summary>
    public bool SystemdUser { get; init; }

    /// <summary>True if RDMA limits work.</summary>
    public bool Rdma { get; init; }
}

using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Bundles;

/// <summary>Other limits.</summary>
public sealed partial class OciRuntime
{
    /// <summary>Changes the limits of a container. What is not given, or 0, stays as it is, as with runc; device rules stay.</summary>
    /// <exception cref="RuntimeException">There is no such container, it does not run, or a limit is not supported.</exception>
    internal void Update(string id, Resources resources)
    {
        var record = ReadRecord(id);
        if (StatusOf(record) == "stopped")
            throw new RuntimeException("update", "container not running");
        WarnOfLimits(resources);
        using var cgroup = OpenCgroup(record);
        ContainerGroup.Apply(cgroup, record.SystemdUnit, ResourceConversion.ForUpdate(Given(resources)));
    }

    /// <summary>What kernels do not have any more, and the specification advises against: taken, as by runc, and told.</summary>
    private void WarnOfLimits(Resources? resources)
    {
        if (resources?.Memory?.Kernel is not (null or 0))
            Warn("linux.resources.memory.kernel: is ignored, kernels have had no limit of their own memory since 5.11: it counts with all other");
        if (resources?.Memory?.UseHierarchy is false)
            Warn("linux.resources.memory.useHierarchy: false is ignored, kernels have counted groups with those below since 5.11");
    }

    /// <summary>Engines send what they do not mean as 0.</summary>
    internal static Resources Given(Resources resources) => resources with
    {
        Memory = resources.Memory is not { } memory ? null : memory with
        {
            Limit = NotZero(memory.Limit),
            Swap = NotZero(memory.Swap),
            Reservation = NotZero(memory.Reservation),
            KernelTcp = NotZero(memory.KernelTcp),
        },
        Pids = resources.Pids?.Limit is 0 ? null : resources.Pids,
    };

    private static long? NotZero(long? value) => value is 0 ? null : value;
}

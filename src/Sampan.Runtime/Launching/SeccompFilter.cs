using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Launching;

/// <summary>A compiled system call filter.</summary>
internal sealed class SeccompFilter
{
    internal static SeccompFilter Compile(Seccomp seccomp) => throw new RuntimeException("filter", $"linux.seccomp is not supported yet ({seccomp.DefaultAction})");

    internal void Install()
    {
    }
}

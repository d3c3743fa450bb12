using Sampan.Kernel.Tests;
using Sampan.Linux.Cgroups;

[assembly: AssemblyFixture(typeof(CgroupParents))]

namespace Sampan.Kernel.Tests;

/// <summary>Takes away the parents of the groups that tests made; a parent that isn't empty means a test leaked, and fails the run.</summary>
public sealed class CgroupParents : IDisposable
{
    private static readonly string[] s_parents = ["/sampan-runtime-tests"];

    public void Dispose()
    {
        var host = CgroupHost.Detect();
        foreach (var parent in s_parents)
        {
            host.TryRemoveEmpty(parent);
            host.Exists(parent).ShouldBeFalse($"tests left control groups below '{parent}'");
        }
    }
}

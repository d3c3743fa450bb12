using Sampan.Conformance.Harness;

[assembly: AssemblyFixture(typeof(GroupParents))]

namespace Sampan.Conformance.Harness;

/// <summary>Takes the parents of the containers' control groups away when all tests have ended.</summary>
public sealed class GroupParents : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Groups.RemoveParents();
}

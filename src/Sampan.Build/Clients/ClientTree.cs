using Sampan.Build.Caching;
using Sampan.Storage.Building;

namespace Sampan.Build.Clients;

/// <summary>A directory of a client's, and what is kept of it while a build has it.</summary>
/// <param name="Tree">Its files.</param>
/// <param name="Lease">What is kept; null: nothing.</param>
/// <param name="Count">How many entries the client listed.</param>
/// <param name="Bytes">Bytes that it had to send.</param>
internal sealed record ClientTree(SourceTree Tree, KeptContexts.Lease? Lease, int Count, long Bytes) : IDisposable
{
    public void Dispose()
    {
        Tree.Dispose();
        Lease?.Dispose();
    }
}

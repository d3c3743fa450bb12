using Sampan.Linux;

namespace Sampan.Runtime.Bundles;

/// <summary>The standard streams of this process, which the container gets; they stay open here.</summary>
internal sealed class OwnStreams : IDisposable
{
    internal SafeFd?[] All { get; } = [new SafeFd(0, ownsHandle: false), new SafeFd(1, ownsHandle: false), new SafeFd(2, ownsHandle: false)];

    public void Dispose()
    {
        foreach (var stream in All)
            stream?.Dispose();
    }
}

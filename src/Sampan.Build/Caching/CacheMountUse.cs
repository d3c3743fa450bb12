namespace Sampan.Build.Caching;

/// <summary>A cache directory while a step has it.</summary>
internal sealed class CacheMountUse(string directory, Action release) : IDisposable
{
    private int _released;

    /// <summary>On the host.</summary>
    internal string Directory { get; } = directory;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
            release();
    }
}

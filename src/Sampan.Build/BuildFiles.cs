using Sampan.Build.Parsing;
using Sampan.Storage.Building;

namespace Sampan.Build;

/// <summary>What a build reads before it can plan, and where its context is.</summary>
internal sealed class BuildFiles : IDisposable
{
    // Guards the list: contexts are fetched while stages run.
    private readonly Lock _gate = new();
    private readonly List<IDisposable> _owned = [];

    // Guards what is fetched once.
    private readonly Lock _fetching = new();
    private Task<SourceTree>? _context;

    /// <summary>The Dockerfile's bytes.</summary>
    internal byte[] Dockerfile { get; set; } = [];

    /// <summary>What is left out of the context; null: nothing.</summary>
    internal IgnoreRules? Rules { get; set; }

    /// <summary>Contexts that have a name.</summary>
    internal IReadOnlyDictionary<string, SourceTree> Named { get; set; } = new Dictionary<string, SourceTree>();

    /// <summary>Fetches the context; the token gives up.</summary>
    internal Func<CancellationToken, Task<SourceTree>> Fetch { get; set; } = _ => Task.FromResult(SourceTree.Empty());

    /// <summary>The context, fetched when it is first asked for.</summary>
    /// <param name="ct">The first that asks gives up for all.</param>
    internal Task<SourceTree> ContextAsync(CancellationToken ct)
    {
        lock (_fetching)
            return _context ??= Fetch(ct);
    }

    /// <summary>Goes with these.</summary>
    internal T Own<T>(T thing)
        where T : IDisposable
    {
        lock (_gate)
            _owned.Add(thing);
        return thing;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var i = _owned.Count - 1; i >= 0; i--)
            _owned[i].Dispose();
    }
}

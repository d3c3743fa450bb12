namespace Sampan.Compose.Running;

/// <summary>What an image is built from.</summary>
public sealed record ImageSource
{
    /// <summary>The directory that is the context, or its address elsewhere.</summary>
    public required string Context { get; init; }

    /// <summary>Whether the context is fetched by the engine.</summary>
    public bool IsRemote { get; init; }

    /// <summary>The Dockerfile: a path in the context, or an absolute one; null: the text is given.</summary>
    public string? Dockerfile { get; init; }

    /// <summary>The Dockerfile itself; null: it is a file.</summary>
    public string? Text { get; init; }

    /// <summary>Further contexts by name: directories of this machine, addresses, <c>docker-image://NAME</c>.</summary>
    public IReadOnlyDictionary<string, string> Contexts { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>SSH agents and keys that steps may use, as <c>--ssh</c> has it.</summary>
    public IReadOnlyList<string> Ssh { get; init; } = [];

    /// <summary>Where steps may come from, as <c>--cache-from</c> has it.</summary>
    public IReadOnlyList<string> CacheFrom { get; init; } = [];

    /// <summary>Where the cache goes, as <c>--cache-to</c> has it.</summary>
    public IReadOnlyList<string> CacheTo { get; init; } = [];

    /// <summary>The secrets that steps may see, by id.</summary>
    public IReadOnlyDictionary<string, ImageSecret> Secrets { get; init; } = new Dictionary<string, ImageSecret>(StringComparer.Ordinal);
}

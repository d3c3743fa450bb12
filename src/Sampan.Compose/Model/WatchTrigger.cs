using Sampan.Compose.Documents;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Model;

/// <summary>What happens when files change: an entry of <c>develop.watch</c>.</summary>
public sealed class WatchTrigger
{
    internal WatchTrigger(Mapping tree)
    {
        Tree = tree;
        Path = tree.Text("path") ?? "";
        Target = tree.Text("target");
        Ignore = tree.Texts("ignore");
        Include = tree.Texts("include");
        InitialSync = tree.Flag("initial_sync") ?? false;
        Action = tree.Text("action") ?? "";
    }

    /// <summary>The file or directory of this machine, absolute.</summary>
    public string Path { get; }

    /// <summary>Where its files go in containers; null: they don't.</summary>
    public string? Target { get; }

    /// <summary>What of it does not count, in the language of <c>.dockerignore</c>.</summary>
    public IReadOnlyList<string> Ignore { get; }

    /// <summary>What of it counts alone; empty: all.</summary>
    public IReadOnlyList<string> Include { get; }

    /// <summary>Whether all files are copied when the watch begins.</summary>
    public bool InitialSync { get; }

    /// <summary>Whether the image is built anew.</summary>
    public bool Rebuilds => Action == "rebuild";

    /// <summary>Whether files are copied.</summary>
    public bool Syncs => Action.StartsWith("sync", StringComparison.Ordinal);

    /// <summary>Whether containers are restarted.</summary>
    public bool Restarts => Action is "restart" or "sync+restart";

    /// <summary>Whether a command runs in containers.</summary>
    public bool Executes => Action == "sync+exec";

    internal Mapping Tree { get; }

    private string Action { get; }
}

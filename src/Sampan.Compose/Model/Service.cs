using Sampan.Compose.Documents;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Model;

/// <summary>A service: its canonical tree, and views of it.</summary>
public sealed class Service
{
    internal Service(string name, string prefix, Mapping tree)
    {
        (Name, Tree) = (name, tree);
        Image = tree.Text("image") ?? prefix + name;
        DependsOn = [.. (tree.Map("depends_on")?.Members ?? []).Select(m => (m.Key, Value: m.Value as Mapping ?? Mapping.Empty)).Select(m => new Dependency(m.Key, m.Value.Text("condition") switch
        {
            "service_healthy" => DependencyCondition.Healthy,
            "service_completed_successfully" => DependencyCondition.CompletedSuccessfully,
            _ => DependencyCondition.Started,
        }, m.Value.Flag("restart") ?? false, m.Value.Flag("required") ?? true))];
    }

    /// <summary>The name in the file.</summary>
    public string Name { get; }

    /// <summary>All that the file says, in the canonical form.</summary>
    public Mapping Tree { get; }

    /// <summary>The image; of one that is built and has no name, the one that it gets.</summary>
    public string Image { get; }

    /// <summary>What it depends on.</summary>
    public IReadOnlyList<Dependency> DependsOn { get; }

    /// <summary>The profiles that it takes part in; empty: it always does.</summary>
    public IReadOnlyList<string> Profiles => Tree.Texts("profiles");

    /// <summary>The one container's name; null: names are made.</summary>
    public string? ContainerName => Tree.Text("container_name");

    /// <summary>How many containers it has when nobody says otherwise.</summary>
    public int Replicas => (int)(Tree.Map("deploy")?.Text("mode") == "global" ? 1 : Tree.Long("scale") ?? Tree.Map("deploy")?.Long("replicas") ?? 1);

    /// <summary>Whether its containers share a virtual address: those of several do, unless the file has every one found by name.</summary>
    public bool IsVirtual => Tree["network_mode"] is null && (Tree.Map("deploy")?.Text("endpoint_mode") is { } mode ? mode == "vip" : Replicas > 1);

    /// <summary>When the image is fetched.</summary>
    public string PullPolicy => Tree.Text("pull_policy") ?? "missing";

    /// <summary>Whether the image is made of a build.</summary>
    public bool IsBuilt => Tree["build"] is Mapping;

    /// <summary>Seconds between the signal that stops it and the one that kills it; null: the engine's default.</summary>
    public int? StopSeconds => Tree.Duration("stop_grace_period") is { } ns ? (int)((ns + 999_999_999) / 1_000_000_000) : null;

    /// <summary>Whether its output is shown by an <c>up</c> that stays.</summary>
    public bool IsAttached => Tree.Flag("attach") ?? true;

    /// <summary>What happens when files change.</summary>
    public IReadOnlyList<WatchTrigger> Watches => field ??= [.. (Tree.Map("develop")?.Maps("watch") ?? []).Select(t => new WatchTrigger(t))];

    /// <summary>The directory of this machine that it is built of; null: none, or elsewhere.</summary>
    public string? BuildDirectory => Tree.Map("build") is { } build && (build.Text("context") is not { } context || !BuildSchema.IsRemote(context)) ? build.Text("context") : null;
}

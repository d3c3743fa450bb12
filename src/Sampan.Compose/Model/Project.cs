using Sampan.Compose.Documents;
using Sampan.Compose.Loading;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Model;

/// <summary>A project: the services, networks, volumes, configs and secrets that files describe. Its canonical tree is the model; the rest are views of it.</summary>
public sealed class Project
{
    internal Project(string name, LoadRequest request, Mapping tree, Mapping disabled, IReadOnlyList<string> warnings)
    {
        (Name, Tree, Warnings) = (name, tree, warnings);
        Separator = request.OldNames ? "_" : "-";
        (Directory, Files, EnvironmentFiles, Environment) = (request.Directory, request.Files, request.EnvironmentFiles, request.Environment);
        Services = Views(tree.Map("services") ?? Mapping.Empty);
        Disabled = Views(disabled);
        Networks = Section("networks");
        Volumes = Section("volumes");
        Secrets = Section("secrets");
        Configs = Section("configs");
    }

    /// <summary>The name, part of the names of all that belongs to it.</summary>
    public string Name { get; }

    /// <summary>What stands between the project's name, a service's and a number in the names of containers and images.</summary>
    public string Separator { get; }

    /// <summary>The directory that relative paths start from.</summary>
    public string Directory { get; }

    /// <summary>The files it was read from.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The env files that were named for it.</summary>
    public IReadOnlyList<string> EnvironmentFiles { get; }

    /// <summary>The variables that were there when it was loaded.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Everything, in the canonical form.</summary>
    public Mapping Tree { get; }

    /// <summary>What the user should know and what is no mistake.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The services that take part, by name.</summary>
    public IReadOnlyDictionary<string, Service> Services { get; }

    /// <summary>The services whose profiles are not active.</summary>
    public IReadOnlyDictionary<string, Service> Disabled { get; }

    /// <summary>The networks, by key.</summary>
    public IReadOnlyDictionary<string, Mapping> Networks { get; }

    /// <summary>The volumes, by key.</summary>
    public IReadOnlyDictionary<string, Mapping> Volumes { get; }

    /// <summary>The secrets, by key.</summary>
    public IReadOnlyDictionary<string, Mapping> Secrets { get; }

    /// <summary>The configs, by key.</summary>
    public IReadOnlyDictionary<string, Mapping> Configs { get; }

    /// <summary>The services of these names and, if asked, all that they depend on, in order; no names: all. <see cref="ComposeException"/> for a name that isn't there.</summary>
    public IReadOnlyList<Service> Select(IReadOnlyList<string> names, bool withDependencies)
    {
        foreach (string name in names)
            if (!Services.ContainsKey(name)) throw new ComposeException($"no such service: {name}{Suggestion.Text(name, Services.Keys)}");
        if (names.Count == 0) return InOrder(Services.Values);
        var chosen = new HashSet<string>(names, StringComparer.Ordinal);
        var open = new Queue<string>(names);
        while (withDependencies && open.TryDequeue(out string? name))
            foreach (var dependency in Services[name].DependsOn)
                if (Services.ContainsKey(dependency.Service) && chosen.Add(dependency.Service)) open.Enqueue(dependency.Service);
        return InOrder(Services.Values.Where(s => chosen.Contains(s.Name)));
    }

    /// <summary>Services so that each comes behind what it depends on; by name where that leaves a choice.</summary>
    private List<Service> InOrder(IEnumerable<Service> services)
    {
        var wanted = services.OrderBy(s => s.Name, StringComparer.Ordinal).ToList();
        var result = new List<Service>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var service in wanted) Visit(service);
        var chosen = wanted.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        return [.. result.Where(s => chosen.Contains(s.Name))];

        void Visit(Service service)
        {
            if (!seen.Add(service.Name)) return;
            foreach (var dependency in service.DependsOn)
                if (Services.TryGetValue(dependency.Service, out var next)) Visit(next);
            result.Add(service);
        }
    }

    private Dictionary<string, Service> Views(Mapping services) => services.Members.ToDictionary(m => m.Key, m => new Service(m.Key, Name + Separator, m.Value as Mapping ?? new Mapping(m.At, [])), StringComparer.Ordinal);

    private Dictionary<string, Mapping> Section(string key) => Tree.Map(key)?.Members.ToDictionary(m => m.Key, m => m.Value as Mapping ?? new Mapping(m.At, []), StringComparer.Ordinal) ?? [];
}

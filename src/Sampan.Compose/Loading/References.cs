using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Running;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Loading;

/// <summary>Whether everything that is named is there, nothing depends on itself, and no two services want the same port or name.</summary>
internal static class References
{
    private const int MaxChain = 1000;

    public static void Check(Project project, Problems problems)
    {
        var ports = new Dictionary<string, List<(string Service, string Address, Position At)>>(StringComparer.Ordinal);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var service in project.Services.Values)
        {
            var path = DocumentPath.Root["services"][service.Name];
            var tree = service.Tree;
            if (tree["image"] is null && tree["build"] is null) problems.Add(tree.At, path, "the service has neither an image nor a build: expected one of them");
            Resources(service, project, path, problems);
            Dependencies(service, project, path, problems);
            Scale(service, path, problems);
            if (service.ContainerName is { } name && !names.TryAdd(name, service.Name))
                problems.Add(tree["container_name"]?.At ?? tree.At, path["container_name"], $"the name '{name}' is the one of the service '{names[name]}' already");
            foreach (var port in tree.Maps("ports")) Port(service, port, path["ports"], ports, problems);
        }
        Cycles(project, "depends_on", "depend on each other", "depend on one another", static s => s.DependsOn.Select(d => d.Service), problems);
        Cycles(project, "build", "are built of each other", "are built of one another", BuildRequests.Needs, problems);
    }

    private static void Resources(Service service, Project project, DocumentPath path, Problems problems)
    {
        foreach (var member in service.Tree.Map("networks")?.Members ?? [])
            Exists(member.Key, member.At, "network", project.Networks, path["networks"][member.Key]);
        foreach (var mount in service.Tree.Maps("volumes"))
            if (mount.Text("type") == "volume" && mount.Text("source") is { } source) Exists(source, mount.At, "volume", project.Volumes, path["volumes"]);
        foreach (var grant in service.Tree.Maps("secrets")) Exists(grant.Text("source") ?? "", grant.At, "secret", project.Secrets, path["secrets"]);
        foreach (var grant in service.Tree.Maps("configs")) Exists(grant.Text("source") ?? "", grant.At, "config", project.Configs, path["configs"]);

        var build = service.Tree.Map("build");
        foreach (var grant in build?.Maps("secrets") ?? []) Exists(grant.Text("source") ?? "", grant.At, "secret", project.Secrets, path["build"]["secrets"]);
        foreach (var member in build?.Map("additional_contexts")?.Members ?? [])
            if (member.Value is Scalar { Text: { } other } && other.StartsWith("service:", StringComparison.Ordinal) && !project.Services.ContainsKey(other[8..]) && !project.Disabled.ContainsKey(other[8..]))
                problems.Add(member.At, path["build"]["additional_contexts"][member.Key], $"undefined service '{other[8..]}'{Suggestion.Text(other[8..], project.Services.Keys)}");

        void Exists(string name, Position at, string kind, IReadOnlyDictionary<string, Mapping> known, DocumentPath where)
        {
            if (!known.ContainsKey(name)) problems.Add(at, where, $"undefined {kind} '{name}': expected one that '{kind}s' describes{Suggestion.Text(name, known.Keys)}");
        }
    }

    private static void Dependencies(Service service, Project project, DocumentPath path, Problems problems)
    {
        foreach (var dependency in service.DependsOn)
        {
            if (project.Services.ContainsKey(dependency.Service)) continue;
            var at = service.Tree.Map("depends_on")?.Find(dependency.Service)?.At ?? service.Tree.At;
            if (project.Disabled.ContainsKey(dependency.Service))
            {
                if (dependency.IsRequired) problems.Add(at, path["depends_on"][dependency.Service], $"the service '{dependency.Service}' is not active: its profiles are {string.Join(", ", project.Disabled[dependency.Service].Tree.Texts("profiles"))}");
            }
            else if (dependency.IsRequired) problems.Add(at, path["depends_on"][dependency.Service], $"undefined service '{dependency.Service}'{Suggestion.Text(dependency.Service, project.Services.Keys)}");
        }
    }

    private static void Scale(Service service, DocumentPath path, Problems problems)
    {
        var deploy = service.Tree.Map("deploy");
        if (service.Tree.Long("scale") is { } scale && deploy?.Long("replicas") is { } replicas && scale != replicas)
            problems.Add(service.Tree["scale"]?.At ?? service.Tree.At, path["scale"], $"'scale' ({scale}) and 'deploy.replicas' ({replicas}) differ: expected one of them, or the same number");
        if (service.ContainerName is not null && service.Replicas > 1)
            problems.Add(service.Tree["container_name"]?.At ?? service.Tree.At, path["container_name"], $"a service with a container_name has one container, not {service.Replicas}");
        if (deploy?.Map("placement")?.Long("max_replicas_per_node") is { } most and > 0 && service.Replicas > most)
            problems.Add(deploy.At, path["deploy"]["placement"]["max_replicas_per_node"], $"{service.Replicas} replicas on one node, where at most {most} are allowed");
    }

    private static void Port(Service service, Mapping port, DocumentPath path, Dictionary<string, List<(string Service, string Address, Position At)>> taken, Problems problems)
    {
        if (port.Text("published") is not { } published || published.Contains('-')) return;
        if (port.Text("mode") == "host" && service.Replicas > 1)
            problems.Add(port.At, path, $"a port of the mode 'host' is published by one container of a node, and '{service.Name}' has {service.Replicas}: expected 'ingress', which leads to all of them");
        string key = $"{published}/{port.Text("protocol")}";
        if (!taken.TryGetValue(key, out var before)) taken[key] = before = [];
        string address = port.Text("host_ip") is { Length: > 0 } ip ? ip : "0.0.0.0";
        // Who listens at all addresses listens at each of them.
        var other = before.FirstOrDefault(b => b.Address == address || IsAny(b.Address) || IsAny(address));
        before.Add((service.Name, address, port.At));
        if (other.Service is not null) problems.Add(port.At, path, $"the port {address}:{key} of the host is published by the service '{other.Service}' already ({other.At})");
    }

    private static bool IsAny(string address) => address is "0.0.0.0" or "::";

    private static void Cycles(Project project, string key, string inCircle, string inRow, Func<Service, IEnumerable<string>> edges, Problems problems)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var service in project.Services.Values) Visit(service, []);

        void Visit(Service service, List<string> chain)
        {
            int start = chain.IndexOf(service.Name);
            if (start >= 0)
            {
                problems.Add(service.Tree.Map(key)?.At ?? service.Tree.At, DocumentPath.Root["services"][service.Name][key], $"services {inCircle} in a circle: " + string.Join(" → ", chain.Skip(start).Append(service.Name)));
                return;
            }
            if (!done.Add(service.Name)) return;
            if (chain.Count > MaxChain)
            {
                problems.Add(service.Tree.At, DocumentPath.Root["services"][service.Name], $"more than {MaxChain} services {inRow} in a row");
                return;
            }
            chain.Add(service.Name);
            foreach (string other in edges(service))
                if (project.Services.TryGetValue(other, out var next)) Visit(next, chain);
            chain.RemoveAt(chain.Count - 1);
        }
    }
}

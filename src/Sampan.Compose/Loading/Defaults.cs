using Sampan.Compose.Documents;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Loading;

/// <summary>Says what files leave unsaid: the default network, names, conditions, what follows from links and shared namespaces.</summary>
internal static class Defaults
{
    public static Mapping Fill(Mapping tree, string project, Problems problems)
    {
        var services = tree.Map("services") ?? Mapping.Empty;
        services = new Mapping(services.At, services.Members.Select(m => m with { Value = Service(m.Value as Mapping ?? new Mapping(m.At, []), m.Key, problems) }));
        tree = new Mapping(tree.At, [new Member("name", Position.None, Scalar.Of(project)), new Member("services", services.At, services), .. tree.Members.Where(m => m.Key is not ("name" or "services"))]);
        var networks = tree.Map("networks") ?? new Mapping(tree.At, []);
        bool needsDefault = services.Members.Any(m => m.Value is Mapping s && s.Map("networks")?["default"] is not null);
        if (needsDefault && networks["default"] is null) networks = networks.With("default", new Mapping(Position.None, []));
        if (networks.Members.Count > 0) tree = tree.With("networks", new Mapping(networks.At, networks.Members.OrderBy(m => m.Key, StringComparer.Ordinal)));
        foreach (string section in new[] { "networks", "volumes", "secrets", "configs" })
            if (tree.Map(section) is { } resources) tree = tree.With(section, new Mapping(resources.At, resources.Members.Select(m => m with { Value = Named(m.Value as Mapping ?? new Mapping(m.At, []), m.Key, project) })));
        // In the order in which a file that says it all is written: what was added is where it belongs.
        var ranks = ComposeSchema.File.Keys.Select((key, i) => (key.Name, i)).ToDictionary(k => k.Name, k => k.i, StringComparer.Ordinal);
        return new Mapping(tree.At, tree.Members.OrderBy(m => ranks.GetValueOrDefault(m.Key, int.MaxValue))) { Tag = tree.Tag };
    }

    private static Mapping Service(Mapping service, string name, Problems problems)
    {
        var path = DocumentPath.Root["services"][name];
        if (service.Text("network_mode") is { } mode && service.Find("networks") is { } both)
            problems.Add(both.At, path["networks"], $"'networks' and 'network_mode: {mode}' exclude each other");
        if (service["networks"] is null or Mapping { Members.Count: 0 } && service.Text("network_mode") is null)
            service = With(service, "networks", Nodes.Of(Position.None, ("default", Scalar.Nothing(Position.None))));
        if (service.Map("build") is { } build)
        {
            if (build["dockerfile"] is null && build["dockerfile_inline"] is null) build = build.With("dockerfile", Scalar.Of("Dockerfile"));
            service = service.With("build", build);
        }
        if (service.Text("pull_policy") == "if_not_present") service = service.With("pull_policy", Scalar.Of("missing"));
        service = With(service, "ports", service["ports"] is Sequence ports ? ports with { Items = [.. ports.Items.Select(Port)] } : null);
        return Dependencies(service);
    }

    private static Node Port(Node node)
    {
        if (node is not Mapping port) return node;
        return Nodes.Of(port.At, ("name", port["name"]), ("mode", port["mode"] ?? Scalar.Of("ingress")), ("host_ip", port["host_ip"]), ("target", port["target"]),
            ("published", port.Text("published") is null or "" or "0" ? null : port["published"]), ("protocol", port["protocol"] ?? Scalar.Of("tcp")), ("app_protocol", port["app_protocol"]));
    }

    private static Mapping Dependencies(Mapping service)
    {
        var all = new SortedDictionary<string, Node>(StringComparer.Ordinal);
        foreach (var member in service.Map("depends_on")?.Members ?? [])
        {
            var given = member.Value as Mapping ?? new Mapping(member.At, []);
            all[member.Key] = Dependency(member.At, given.Text("condition") ?? "service_started", given.Flag("restart"), given.Flag("required") ?? true);
        }
        foreach (string link in service.Texts("links")) Add(link.Split(':')[0], true);
        foreach (string key in new[] { "network_mode", "ipc", "pid" })
            if (service.Text(key) is { } mode && mode.StartsWith("service:", StringComparison.Ordinal)) Add(mode[8..], true);
        foreach (string from in service.Texts("volumes_from"))
            if (!from.StartsWith("container:", StringComparison.Ordinal)) Add(from.Split(':')[0], false);
        return all.Count == 0 ? service.With("depends_on", null) : With(service, "depends_on", new Mapping(service["depends_on"]?.At ?? service.At, all.Select(p => new Member(p.Key, p.Value.At, p.Value))));

        void Add(string name, bool restart)
        {
            if (!all.ContainsKey(name)) all[name] = Dependency(service.At, "service_started", restart ? true : null, true);
        }
    }

    private static Mapping Dependency(Position at, string condition, bool? restart, bool required) =>
        Nodes.Of(at, ("condition", Scalar.Of(condition)), ("restart", restart is { } r ? Scalar.Of(r) : null), ("required", Scalar.Of(required)));

    private static Mapping Named(Mapping resource, string key, string project)
    {
        bool external = ComposeSchema.IsExternal(resource);
        string name = resource.Text("name") ?? resource.Map("external")?.Text("name") ?? (external ? key : $"{project}_{key}");
        resource = new Mapping(resource.At, resource.Members.Where(m => m.Key is not ("name" or "external")));
        var members = new List<Member> { new("name", resource.At, Scalar.Of(name)) };
        members.AddRange(resource.Members);
        if (external) members.Add(new Member("external", resource.At, Scalar.Of(true)));
        return new Mapping(resource.At, members);
    }

    /// <summary>A service with a key set, at the key's place in the order of the schema.</summary>
    private static Mapping With(Mapping service, string key, Node? value) =>
        value is null ? service : ComposeSchema.Service.Merge(service, new Mapping(service.At, [new Member(key, value.At, value with { Tag = NodeTag.Override })])) as Mapping ?? service;
}

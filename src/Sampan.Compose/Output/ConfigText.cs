using Sampan.Compose.Documents;
using Sampan.Compose.Interpolation;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Output;

/// <summary>A project as one file that means the same.</summary>
public static class ConfigText
{
    /// <summary>The tree to print: as docker's tool does, with command and entrypoint said even when they say nothing, and dollars doubled.</summary>
    public static Mapping Tree(Project project, bool escapeDollars = true)
    {
        var services = project.Tree.Map("services") ?? Mapping.Empty;
        services = new Mapping(services.At, services.Members.Select(m => m with { Value = Service(m.Value as Mapping ?? new Mapping(m.At, [])) }));
        var tree = project.Tree.With("services", services);
        return (Mapping)(escapeDollars ? Escape(tree) : tree);
    }

    /// <summary>The tree with some of its services alone.</summary>
    public static Mapping Only(Mapping tree, IReadOnlyList<string> services) =>
        tree.Map("services") is { } all ? tree.With("services", new Mapping(all.At, all.Members.Where(m => services.Contains(m.Key, StringComparer.Ordinal)))) : tree;

    /// <summary>The images of services and nothing else: a file to be merged on top of others.</summary>
    public static Mapping OnlyImages(Mapping tree) => new(tree.At,
    [
        new Member("services", tree.At, new Mapping(tree.At, (tree.Map("services")?.Members ?? []).Select(m => m with
        {
            Value = new Mapping(m.At, ((m.Value as Mapping)?.Members ?? []).Where(k => k.Key == "image")),
        }))),
    ]);

    /// <summary>The variables that a project's files name, by name, each once for each thing that is said of it. The project must have been loaded without replacing any.</summary>
    public static IReadOnlyList<TemplateVariable> Variables(Project project)
    {
        var found = new HashSet<TemplateVariable>();
        Collect(project.Tree);
        return [.. found.OrderBy(v => v.Name, StringComparer.Ordinal).ThenBy(v => v.Default, StringComparer.Ordinal).ThenBy(v => v.Alternate, StringComparer.Ordinal)];

        void Collect(Node node)
        {
            switch (node)
            {
                case Scalar scalar: found.UnionWith(Template.Variables(scalar.Text)); break;
                case Sequence list: list.Items.ToList().ForEach(Collect); break;
                case Mapping mapping: mapping.Members.ToList().ForEach(m => Collect(m.Value)); break;
            }
        }
    }

    /// <summary>The tree with other names for images.</summary>
    public static Mapping WithImages(Mapping tree, IReadOnlyDictionary<string, string> names) =>
        tree.Map("services") is { } all ? tree.With("services", new Mapping(all.At, all.Members.Select(m =>
            m.Value is Mapping service && service.Text("image") is { } image && names.TryGetValue(image, out string? name) ? m with { Value = service.With("image", Scalar.Of(name)) } : m))) : tree;

    /// <summary>A service with command and entrypoint said.</summary>
    internal static Mapping Service(Mapping service)
    {
        foreach (string key in new[] { "command", "entrypoint" })
            if (service[key] is null) service = (Mapping)(ComposeSchema.Service.Merge(service, new Mapping(service.At, [new Member(key, service.At, Scalar.Nothing(service.At))])) ?? service);
        return service;
    }

    private static Node Escape(Node node) => node switch
    {
        Mapping mapping => new Mapping(mapping.At, mapping.Members.Select(m => m with { Value = Escape(m.Value) })),
        Sequence list => list with { Items = [.. list.Items.Select(Escape)] },
        Scalar { Kind: ScalarKind.Text } text when text.Text.Contains('$') => text with { Text = text.Text.Replace("$", "$$", StringComparison.Ordinal) },
        _ => node,
    };
}

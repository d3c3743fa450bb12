using Sampan.Compose.Documents;
using Sampan.Compose.Interpolation;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Loading;

/// <summary>Gives services the variables and labels that files hold, and names without a value what the project's environment has.</summary>
internal static class EnvironmentResolver
{
    public static Mapping Resolve(Mapping tree, IReadOnlyDictionary<string, string> environment, Reading reading, FileReader read, Problems problems, Action<string> unset)
    {
        if (tree.Map("services") is not { } services) return tree;
        return tree.With("services", new Mapping(services.At, services.Members.Select(m => m.Value is Mapping service
            ? m with { Value = Resolve(service, m.Key, environment, path => read(reading.Absolute(path)), problems, unset) } : m)));
    }

    private static Mapping Resolve(Mapping service, string name, IReadOnlyDictionary<string, string> environment, FileReader read, Problems problems, Action<string> unset)
    {
        var path = DocumentPath.Root["services"][name];
        var variables = new SortedDictionary<string, Node>(StringComparer.Ordinal);
        foreach (var file in service.Maps("env_file"))
        {
            string at = file.Text("path") ?? "";
            if (read(at) is not { } text)
            {
                if (file.Flag("required") != false) problems.Add(file.At, path["env_file"], $"there is no file '{at}'");
                continue;
            }
            void Problem(int line, string what) => problems.Add(new Position(at, line, 1), DocumentPath.Root, what);
            string? Lookup(string variable) => environment.GetValueOrDefault(variable) ?? (variables.GetValueOrDefault(variable) as Scalar)?.Text;
            var values = file.Text("format") == "raw" ? EnvFile.ParseRaw(text, Lookup, Problem) : EnvFile.Parse(text, Lookup, Problem, unset);
            foreach (var (key, value) in values) variables[key] = Scalar.Of(value);
        }
        foreach (var member in service.Map("environment")?.Members ?? [])
        {
            // A name alone takes over what is outside, and nothing when nothing is: the variable is absent then, not empty.
            var value = !member.Value.IsNull ? member.Value : environment.TryGetValue(member.Key, out string? outer) ? Scalar.Of(outer) : null;
            if (value is not null) variables[member.Key] = value;
            else variables.TryAdd(member.Key, Scalar.Nothing(member.At));
        }
        service = service.With("env_file", null).With("environment", variables.Count == 0 ? null : Map(variables));
        return Labels(service, path, read, problems);
    }

    private static Mapping Labels(Mapping service, DocumentPath path, FileReader read, Problems problems)
    {
        var labels = new SortedDictionary<string, Node>(StringComparer.Ordinal);
        foreach (var file in service.Items("label_file").OfType<Scalar>())
        {
            if (read(file.Text) is not { } text)
            {
                problems.Add(file.At, path["label_file"], $"there is no file '{file.Text}'");
                continue;
            }
            foreach (var (key, value) in EnvFile.Parse(text, static _ => null, (line, what) => problems.Add(new Position(file.Text, line, 1), DocumentPath.Root, what))) labels[key] = Scalar.Of(value);
        }
        foreach (var member in service.Map("labels")?.Members ?? []) labels[member.Key] = member.Value.IsNull ? Scalar.Of("") : member.Value;
        return service.With("label_file", null).With("labels", labels.Count == 0 ? null : Map(labels));
    }

    private static Mapping Map(IEnumerable<KeyValuePair<string, Node>> pairs) => new(Position.None, pairs.Select(p => new Member(p.Key, p.Value.At, p.Value)));
}

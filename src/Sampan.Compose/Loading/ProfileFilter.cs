using Sampan.Compose.Documents;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Loading;

/// <summary>Which services take part: those without profiles, those with an active one, and those that are asked for by name.</summary>
internal static class ProfileFilter
{
    public static (Mapping Enabled, Mapping Disabled) Split(Mapping tree, IReadOnlyList<string> profiles, IReadOnlyList<string> targets, Problems problems)
    {
        var services = tree.Map("services") ?? Mapping.Empty;
        var active = profiles.ToHashSet(StringComparer.Ordinal);
        foreach (string target in targets)
        {
            if (services[target] is Mapping service) active.UnionWith(service.Texts("profiles"));
            else problems.Add(Position.None, DocumentPath.Root, $"no such service: {target}{Suggestion.Text(target, services.Members.Select(m => m.Key))}");
        }
        bool IsEnabled(Member m) => m.Value is Mapping s && (s.Texts("profiles") is { Count: 0 } || active.Contains("*") || s.Texts("profiles").Any(active.Contains) || targets.Contains(m.Key, StringComparer.Ordinal));
        return (tree.With("services", new Mapping(services.At, services.Members.Where(IsEnabled))), new Mapping(services.At, services.Members.Where(m => !IsEnabled(m))));
    }
}

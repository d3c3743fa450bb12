namespace Sampand.Configuration;

/// <summary><c>--authorization-plugin</c>.</summary>
internal static class AuthorizationSettings
{
    /// <summary>Reads the plugins' names, each once.</summary>
    internal static IReadOnlyList<string> Read(Settings settings, List<string> problems)
    {
        var names = settings.All("authorization-plugins").Distinct(StringComparer.Ordinal).ToList();
        foreach (var name in names.Where(n => n.Length == 0 || n[0] == '.' || n.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))))
            problems.Add($"invalid value of 'authorization-plugins': '{name}': expected letters, digits, '-', '_' and '.'");
        return names;
    }
}

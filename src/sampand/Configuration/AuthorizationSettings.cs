using Sampan.Oci.Images;

namespace Sampand.Configuration;

/// <summary><c>--authorization-plugin</c>.</summary>
internal static class AuthorizationSettings
{
    /// <summary>Reads the plugins' names, each once: words, or references of managed plugins.</summary>
    internal static IReadOnlyList<string> Read(Settings settings, List<string> problems)
    {
        var names = settings.All("authorization-plugins").Distinct(StringComparer.Ordinal).ToList();
        foreach (var name in names.Where(name => !IsWord(name) && !(ImageReference.TryParse(name, out var reference, out _) && reference.Digest is null)))
            problems.Add($"invalid value of 'authorization-plugins': '{name}': expected letters, digits, '-', '_' and '.', or the name of a managed plugin");
        return names;
    }

    private static bool IsWord(string name) => name.Length > 0 && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}

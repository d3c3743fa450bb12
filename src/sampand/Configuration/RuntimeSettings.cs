using Sampan.Engine;
using Sampan.Runtime;

namespace Sampand.Configuration;

/// <summary>The settings about OCI runtimes beside the engine's own.</summary>
internal static class RuntimeSettings
{
    /// <summary>Between the words of one runtime: its path and its arguments.</summary>
    internal const char Separator = '\0';

    private static readonly string[] s_usual = ["runc", "crun"];
    private static readonly string[] s_places = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"];

    /// <summary>Those that are configured, and the usual ones where they are installed.</summary>
    internal static IReadOnlyDictionary<string, OtherRuntimeChoice> Read(Settings settings, List<string> problems)
    {
        var runtimes = new Dictionary<string, OtherRuntimeChoice>(StringComparer.Ordinal);
        foreach (var name in s_usual)
        {
            if (s_places.Select(place => Path.Combine(place, name)).FirstOrDefault(File.Exists) is { } found)
                runtimes[name] = new OtherRuntimeChoice { Path = found };
        }

        foreach (var entry in settings.All("runtimes"))
        {
            var equals = entry.IndexOf('=');
            var words = equals < 1 ? [] : entry[(equals + 1)..].Split(Separator);
            if (words.Length == 0 || !words[0].StartsWith('/'))
                problems.Add($"invalid value of 'runtimes': '{entry.Replace(Separator, ' ')}': expected a name and the absolute path of a program");
            else if (entry[..equals] == EngineOptions.OwnRuntime)
                problems.Add($"invalid value of 'runtimes': '{EngineOptions.OwnRuntime}' is the engine's own (--runtime-path)");
            else
                runtimes[entry[..equals]] = new OtherRuntimeChoice { Path = words[0], Arguments = words[1..] };
        }

        return runtimes;
    }
}

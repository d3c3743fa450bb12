namespace Sampan.Cli.Compose;

/// <summary>
/// Calls under the name <c>docker-compose</c>: by docker as its plugin (<c>docker-compose [docker's options] compose …</c>), or by a user as the old tool
/// (<c>docker-compose …</c>). Both become <c>sampan compose …</c>.
/// </summary>
internal static class PluginCall
{
    /// <summary>The name.</summary>
    public const string Name = "docker-compose";

    /// <summary>What docker asks a plugin to find out what it is.</summary>
    public const string MetadataWord = "docker-cli-plugin-metadata";

    // Options of docker with a value in the next word.
    private static readonly string[] s_withValue = ["-H", "--host", "--config", "-c", "--context", "-l", "--log-level", "--tlscacert", "--tlscert", "--tlskey"];

    /// <summary>What docker is told.</summary>
    public static string Metadata { get; } = $"{{\"SchemaVersion\":\"0.1.0\",\"Vendor\":\"Sampan\",\"Version\":\"v{ProductVersion.Text}\",\"ShortDescription\":\"Compose, by Sampan\"}}";

    /// <summary>The words as sampan's own.</summary>
    public static IReadOnlyList<string> Translate(IReadOnlyList<string> words)
    {
        // The old tool's, and docker's plugin's own.
        if (words is [.., "--version" or "-v"] && words.Take(words.Count - 1).All(w => w == "compose")) return ["compose", "version"];
        for (int i = 0; i < words.Count; i++)
        {
            if (words[i] == "compose") return words;
            if (!words[i].StartsWith('-')) break;
            if (s_withValue.Contains(words[i], StringComparer.Ordinal)) i++;
        }
        return ["compose", .. words];
    }

    /// <summary>The environment: docker's socket is where docker's plugins look, unless somebody says otherwise.</summary>
    public static Func<string, string?> Environment(Func<string, string?> environment) => name =>
        name == "DOCKER_HOST" ? environment(name) is { Length: > 0 } host ? host : "unix:///var/run/docker.sock"
        : name == "SAMPAN_HOST" ? null
        : environment(name);
}

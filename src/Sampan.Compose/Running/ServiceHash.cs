using System.Text;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Output;
using Sampan.Compose.Schema;
using Sampan.DockerApi.Digests;

namespace Sampan.Compose.Running;

/// <summary>
/// What a container remembers of the description it was made by: SHA-256 of the canonical JSON, without what changes no container (how it is built,
/// how many there are, in which order they start).
/// </summary>
public static class ServiceHash
{
    /// <summary>The hash of a service.</summary>
    public static string Of(Service service) => Of(Hashed(service));

    /// <summary>The beginnings of the hashes of a service's keys, by which it is told what changed: <c>KEY=HASH</c>, with blanks between.</summary>
    internal static string Keys(Service service) => string.Join(' ', Hashed(service).Members.Select(m => $"{m.Key}={Of(m.Value)[..8]}"));

    /// <summary>The keys that differ between two of these.</summary>
    internal static IReadOnlyList<string> Changed(string before, string after)
    {
        string[] old = before.Split(' '), now = after.Split(' ');
        return [.. old.Except(now, StringComparer.Ordinal).Concat(now.Except(old, StringComparer.Ordinal)).Select(k => k.Split('=')[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static Mapping Hashed(Service service)
    {
        var tree = ConfigText.Service(service.Tree);
        foreach (string key in new[] { "build", "pull_policy", "scale", "depends_on", "profiles", "develop", GatewaySchema.Key }) tree = tree.With(key, null);
        if (tree.Map("deploy") is { } deploy) tree = tree.With("deploy", deploy.With("replicas", null));
        return tree;
    }

    /// <summary>The hash of a tree.</summary>
    internal static string Of(Node tree)
    {
        // As Go's encoder writes it, which docker's tool hashes.
        string json = JsonText.Write(tree, indented: false).Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal).Replace("&", "\\u0026", StringComparison.Ordinal);
        return Convert.ToHexStringLower(Sha2.Sha256(Encoding.UTF8.GetBytes(json)));
    }
}

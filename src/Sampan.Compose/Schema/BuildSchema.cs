namespace Sampan.Compose.Schema;

/// <summary>The key <c>build</c> of a service.</summary>
internal static class BuildSchema
{
    public static RecordShape Build() => new(
        new Key("context", new ScalarShape("a path or the address of a repository", static (s, reading) => s.Kind != Documents.ScalarKind.Text ? null : IsRemote(s.Text) ? s : s with { Text = reading.Resolve(s.Text) })),
        new Key("dockerfile", ScalarShape.Text),
        new Key("dockerfile_inline", ScalarShape.Text),
        new Key("entitlements", ListShape.Texts()),
        new Key("args", Common.Pairs()),
        new Key("provenance", ScalarShape.Kept),
        new Key("sbom", ScalarShape.Kept),
        new Key("ssh", new MapShape(new ScalarShape("the path of an agent's socket or of a key", static (s, reading) => s.Kind != Documents.ScalarKind.Text ? null : s.Text.Length == 0 ? s : s with { Text = reading.Resolve(s.Text) })) { FromItem = MapShape.Pair }),
        new Key("labels", Common.Pairs()),
        new Key("cache_from", ListShape.Texts()),
        new Key("cache_to", ListShape.Texts()),
        new Key("no_cache", ScalarShape.Boolean),
        new Key("additional_contexts", new MapShape(new ScalarShape("a path, an address, docker-image://NAME or service:NAME", static (s, reading) =>
            s.Kind != Documents.ScalarKind.Text || s.Text.Length == 0 ? null : IsRemote(s.Text) || s.Text.StartsWith("service:", StringComparison.Ordinal) ? s : s with { Text = reading.Resolve(s.Text) })) { FromItem = MapShape.Pair }),
        new Key("pull", ScalarShape.Boolean),
        new Key("extra_hosts", Common.ExtraHosts()),
        new Key("isolation", ScalarShape.Text),
        new Key("network", ScalarShape.Text),
        new Key("target", ScalarShape.Text),
        new Key("secrets", Common.Grants()),
        new Key("shm_size", ScalarShape.Bytes),
        new Key("tags", ListShape.Texts()),
        new Key("ulimits", Common.Ulimits()),
        new Key("platforms", ListShape.Texts()),
        new Key("privileged", ScalarShape.Boolean))
    {
        Short = static (s, reading, path) => s.Kind == Documents.ScalarKind.Text ? Nodes.Of(s.At, ("context", IsRemote(s.Text) ? s : s with { Text = reading.Resolve(s.Text) })) : Refuse(s, reading, path),
        ShortExpected = "the path of the context",
        Check = static (m, reading, path) =>
        {
            if (m.Text("dockerfile") is not null && m.Text("dockerfile_inline") is not null) reading.Problems.Add(m.At, path, "'dockerfile' and 'dockerfile_inline' exclude each other");
        },
    };

    /// <summary>Whether a context is fetched from elsewhere.</summary>
    public static bool IsRemote(string context) => context.Contains("://", StringComparison.Ordinal) || context.StartsWith("git@", StringComparison.Ordinal) || context.StartsWith("github.com/", StringComparison.Ordinal);

    private static Documents.Node? Refuse(Documents.Scalar s, Reading reading, Documents.DocumentPath path)
    {
        reading.Expected(s, path, "a mapping or the path of the context");
        return null;
    }
}

using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>What a compose file may say: the Compose Specification as shapes.</summary>
internal static class ComposeSchema
{
    /// <summary>A service.</summary>
    public static RecordShape Service { get; } = ServiceSchema.Service();

    /// <summary>A whole file.</summary>
    public static RecordShape File { get; } = new(
        new Key("version", ScalarShape.Any),
        new Key("name", ScalarShape.Text),
        new Key("include", new ListShape(Include()) { Key = null }),
        new Key("services", Common.Named(Service)),
        new Key("networks", Common.Named(Network())),
        new Key("volumes", Common.Named(Volume())),
        new Key("secrets", Common.Named(Secret())),
        new Key("configs", Common.Named(Config())),
        new Key("models", AnyShape.Instance) { Refusal = "models need a model runner, which Sampan is not" });

    private static RecordShape Include() => new(
        new Key("path", new ListShape(ScalarShape.ReadPath) { AllowsOne = true }) { IsRequired = true },
        new Key("env_file", new ListShape(ScalarShape.ReadPath) { AllowsOne = true }),
        new Key("project_directory", ScalarShape.ReadPath))
    {
        Short = static (s, reading, path) => ScalarShape.ReadPath.Read(s, reading, path) is { } file ? Nodes.Of(s.At, ("path", new Sequence(s.At, [file]))) : null,
        ShortExpected = "the path of a file",
        IsExtensible = false,
    };

    private static RecordShape Network() => new(
        new Key("name", ScalarShape.Text),
        new Key("driver", ScalarShape.Text),
        new Key("driver_opts", Common.Options()),
        new Key("ipam", new RecordShape(
            new Key("driver", ScalarShape.Text),
            new Key("config", new ListShape(new RecordShape(
                new Key("subnet", ScalarShape.Text),
                new Key("gateway", ScalarShape.Text),
                new Key("ip_range", ScalarShape.Text),
                new Key("aux_addresses", Common.Options())))
            {
                Key = null,
            }),
            new Key("options", Common.Options()))),
        new Key("external", Common.External()),
        new Key("internal", ScalarShape.Boolean),
        new Key("attachable", ScalarShape.Boolean),
        new Key("labels", Common.Pairs()),
        new Key("enable_ipv4", ScalarShape.Boolean),
        new Key("enable_ipv6", ScalarShape.Boolean))
    {
        Check = OnlyName,
    };

    private static RecordShape Volume() => new(
        new Key("name", ScalarShape.Text),
        new Key("driver", ScalarShape.Text),
        new Key("driver_opts", Common.Options()),
        new Key("external", Common.External()),
        new Key("labels", Common.Pairs()))
    {
        Check = OnlyName,
    };

    private static RecordShape Config() => new(
        new Key("name", ScalarShape.Text),
        new Key("file", ScalarShape.HostPath),
        new Key("environment", ScalarShape.Text),
        new Key("content", ScalarShape.Text),
        new Key("external", Common.External()),
        new Key("labels", Common.Pairs()),
        new Key("template_driver", ScalarShape.Text) { Refusal = "templates need a cluster's store" })
    {
        Check = OneSource,
    };

    private static RecordShape Secret() => new(
        new Key("name", ScalarShape.Text),
        new Key("file", ScalarShape.HostPath),
        new Key("environment", ScalarShape.Text),
        // Not in the specification, but every tool takes it, as it takes a config's.
        new Key("content", ScalarShape.Text),
        new Key("external", Common.External()),
        new Key("labels", Common.Pairs()),
        new Key("driver", ScalarShape.Text) { Refusal = "there are no secret drivers" },
        new Key("driver_opts", AnyShape.Instance) { Refusal = "there are no secret drivers" },
        new Key("template_driver", ScalarShape.Text) { Refusal = "templates need a cluster's store" })
    {
        Check = OneSource,
    };

    /// <summary>Whether what a network, a volume, a config or a secret describes is made by somebody else.</summary>
    public static bool IsExternal(Mapping resource) => resource["external"] is Mapping || resource.Flag("external") == true;

    private static void OnlyName(Mapping resource, Reading reading, DocumentPath path)
    {
        if (!IsExternal(resource)) return;
        foreach (var member in resource.Members.Where(m => !m.Value.IsNull && m.Key is not ("name" or "external") && !m.Key.StartsWith("x-", StringComparison.Ordinal)))
            reading.Problems.Add(member.At, path[member.Key], $"'{member.Key}' can't be set for what is external: only its name counts");
    }

    private static void OneSource(Mapping resource, Reading reading, DocumentPath path)
    {
        OnlyName(resource, reading, path);
        var sources = resource.Members.Where(m => m.Key is "file" or "environment" or "content" or "external" && !m.Value.IsNull).ToList();
        if (sources.Count > 1) reading.Problems.Add(sources[1].At, path, $"'{sources[0].Key}' and '{sources[1].Key}' exclude each other");
    }
}

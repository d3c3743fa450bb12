using Sampan.BuildKit.Protos.Caps;

namespace Sampan.Server.BuildKit;

/// <summary>What clients of the bridge are told that they may ask for.</summary>
internal static class Capabilities
{
    /// <summary>Of the bridge itself.</summary>
    internal static IEnumerable<APICap> Bridge { get; } = Of("solve.base", "solve.inlinereturn", "resolveimage", "resolveimage.resolvemode", "readfile", "return", "returnmap", "importcaches", "proto.refarray", "reference.output", "frontend.inputs", "frontend.caps", "gateway.solve.metadata", "gateway.evaluate", "gateway.warnings");

    /// <summary>Of graphs of operations: what those have that stand for an image that was built before.</summary>
    internal static IEnumerable<APICap> Graphs { get; } = Of("source.image", "constraints", "platform", "meta.description", "meta.ignorecache", "meta.exportcache");

    private static APICap[] Of(params IReadOnlyList<string> names) => [.. names.Select(name => new APICap { ID = name, Enabled = true })];
}

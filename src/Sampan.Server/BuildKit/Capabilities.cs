using Sampan.BuildKit.Protos.Caps;

namespace Sampan.Server.BuildKit;

/// <summary>What clients of the bridge are told that they may ask for.</summary>
internal static class Capabilities
{
    /// <summary>Of the bridge itself.</summary>
    internal static IEnumerable<APICap> Bridge { get; } = Of("solve.base", "solve.inlinereturn", "resolveimage", "resolveimage.resolvemode", "readfile", "return", "returnmap", "importcaches", "proto.refarray", "frontend.caps", "gateway.solve.metadata", "gateway.evaluate", "gateway.warnings");

    private static APICap[] Of(params IReadOnlyList<string> names) => [.. names.Select(name => new APICap { ID = name, Enabled = true })];
}

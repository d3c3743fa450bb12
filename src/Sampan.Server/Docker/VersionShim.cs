using System.Text.Json.Nodes;
using Sampan.DockerApi;

namespace Sampan.Server.Docker;

/// <summary>One row of <see cref="ApiVersionShims"/>.</summary>
/// <param name="Shape">The body it rewrites.</param>
/// <param name="Below">The first version that no longer needs it.</param>
/// <param name="Was">How it was before.</param>
/// <param name="Rewrite">Does it; of a request, it may refuse what that version did not have (an <see cref="Engine.EngineException"/>).</param>
internal sealed record VersionShim(Shape Shape, ApiVersion Below, string Was, Action<JsonObject> Rewrite)
{
    /// <summary>What a client is warned of, by the request as it came; null: nothing.</summary>
    internal Func<JsonObject, ApiVersion, string?>? Warning { get; init; }

    /// <summary>The same of an answer before it is written, which is sooner done where something is only left out; null: there is only <see cref="Rewrite"/>.</summary>
    internal Func<object, object>? OfValue { get; init; }
}

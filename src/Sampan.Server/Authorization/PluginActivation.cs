namespace Sampan.Server.Authorization;

/// <summary>What a plugin says it is.</summary>
internal sealed record PluginActivation
{
    /// <summary>The protocols it speaks, such as <c>authz</c>.</summary>
    public IReadOnlyList<string>? Implements { get; init; }
}

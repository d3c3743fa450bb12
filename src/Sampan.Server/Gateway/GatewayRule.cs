namespace Sampan.Server.Gateway;

/// <summary>What a container's labels say about one way to it.</summary>
internal sealed record GatewayRule
{
    /// <summary>Host names in lower case, <c>*.example.org</c> for all below; <c>*</c> alone for any.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = ["*"];

    /// <summary>The beginning of paths, without a slash at its end; empty: all.</summary>
    public string Path { get; init; } = "";

    /// <summary>The container's port; null: the only one that it exposes, or 80.</summary>
    public ushort? Port { get; init; }

    /// <summary>The service sees paths without <see cref="Path"/>.</summary>
    public bool Strip { get; init; }

    /// <summary>What to ask to know whether it is well; null: the engine's word counts alone.</summary>
    public string? Health { get; init; }

    /// <summary>The network by whose address it is reached; null: any.</summary>
    public string? Network { get; init; }
}

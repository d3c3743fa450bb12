namespace Sampan.Engine.Containers.Endpoints;

/// <summary>One wish to publish a port (<c>-p [address:][port[-end]]:port[/protocol]</c>).</summary>
public sealed record PublishedPort
{
    /// <summary>The port inside.</summary>
    public required ContainerPort Port { get; init; }

    /// <summary>The host's address to listen on; null: the engine's default, all of them.</summary>
    public string? HostAddress { get; init; }

    /// <summary>The host's port; null: any free one.</summary>
    public ushort? HostPort { get; init; }

    /// <summary>The end of a range to choose from; null: exactly <see cref="HostPort"/>.</summary>
    public ushort? HostPortEnd { get; init; }
}

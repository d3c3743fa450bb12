using Sampan.DockerApi.Client;

namespace Sampan.Server.Gateway;

/// <summary>What a gateway is told.</summary>
public sealed record GatewayOptions
{
    /// <summary>The engine whose containers it leads to.</summary>
    public required DockerEndpoint Engine { get; init; }

    /// <summary>Where it listens.</summary>
    public required IReadOnlyList<ApiListener> Listeners { get; init; }

    /// <summary>Where it listens with TLS.</summary>
    public IReadOnlyList<ApiListener> TlsListeners { get; init; } = [];

    /// <summary>The directory of certificates, <c>NAME.crt</c> beside <c>NAME.key</c>; null: no TLS.</summary>
    public string? Certificates { get; init; }

    /// <summary>How many connections may be open at a time.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>The longest body of a request, bytes; null: any.</summary>
    public long? MaxBody { get; init; }

    /// <summary>How long a service may take until its answer begins.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a client may take for the head of a request.</summary>
    public TimeSpan HeadPatience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often containers are asked that say by their label how.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Takes each line of the access log; null: there is none.</summary>
    public Action<string>? AccessLog { get; init; }
}

namespace Sampan.DockerApi.Client;

/// <summary>One request, before it is written.</summary>
internal sealed record HttpRequest
{
    public required string Method { get; init; }

    /// <summary>Path and query, without the version prefix.</summary>
    public required string Target { get; init; }

    /// <summary>A body that is in memory and can be sent twice; null: none.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <summary>A body of unknown length that is sent once, in chunks; null: none.</summary>
    public Stream? Upload { get; init; }

    public string ContentType { get; init; } = "application/json";

    /// <summary>Whether the connection becomes a raw duplex stream after the response's head.</summary>
    public bool Hijack { get; init; }

    /// <summary>Further headers.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];
}

namespace Sampan.Server.Authorization;

/// <summary>What an authorization plugin is asked: a request, later with the answer it shall get. The member names are the protocol's.</summary>
internal sealed record AuthorizationMessage
{
    /// <summary>Who asks: the common name of the client's certificate; null: unknown.</summary>
    public string? User { get; init; }

    /// <summary>How that is known: <c>TLS</c>; null: it is not.</summary>
    public string? UserAuthNMethod { get; init; }

    /// <summary>The HTTP method.</summary>
    public required string RequestMethod { get; init; }

    /// <summary>Path and query as they are processed: decoded and without empty segments, see <see cref="AuthorizationPlugins"/>.</summary>
    public required string RequestUri { get; init; }

    /// <summary>The whole body in base64; null: none, or an archive that streams past.</summary>
    public byte[]? RequestBody { get; init; }

    /// <summary>The headers but those with credentials of registries.</summary>
    public required IReadOnlyDictionary<string, string> RequestHeaders { get; init; }

    /// <summary>The client's certificates as PEM; null: none.</summary>
    public IReadOnlyList<string>? RequestPeerCertificates { get; init; }

    /// <summary>The answer's status; null: not answered yet.</summary>
    public int? ResponseStatusCode { get; init; }

    /// <summary>The answer's body in base64; null: none, or a stream.</summary>
    public byte[]? ResponseBody { get; init; }

    /// <summary>The answer's headers; null: not answered yet.</summary>
    public IReadOnlyDictionary<string, string>? ResponseHeaders { get; init; }
}

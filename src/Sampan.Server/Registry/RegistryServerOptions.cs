using Sampan.Storage.Registry;

namespace Sampan.Server.Registry;

/// <summary>How a registry of ours is served.</summary>
public sealed record RegistryServerOptions
{
    /// <summary>What it serves.</summary>
    public required RegistryStore Store { get; init; }

    /// <summary>The registries that names of this one stand for; null: none.</summary>
    public PullThrough? Mirrors { get; init; }

    /// <summary>Where to listen.</summary>
    public required IReadOnlyList<ApiListener> Listeners { get; init; }

    /// <summary>The file with the users and the hashes of their passwords (htpasswd, bcrypt); null: everybody may do everything.</summary>
    public string? UsersFile { get; init; }

    /// <summary>What users are told that they log in to.</summary>
    public string Realm { get; init; } = "Sampan registry";

    /// <summary>The file with the certificate and those behind it, PEM; null: without TLS.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The file with the certificate's key, PEM.</summary>
    public string? KeyFile { get; init; }

    /// <summary>True if nothing may be pushed or deleted.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>False if nothing may be deleted.</summary>
    public bool AllowsDeletes { get; init; } = true;

    /// <summary>Requests at a time; those above are asked to come back.</summary>
    public int MaxRequests { get; init; } = 256;

    /// <summary>Connections at a time; those above are closed.</summary>
    public int MaxConnections { get; init; } = 2048;

    /// <summary>How often garbage is collected; null: only when asked for.</summary>
    public TimeSpan? CollectionInterval { get; init; }
}

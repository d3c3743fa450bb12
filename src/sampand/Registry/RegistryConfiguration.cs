using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Sampan.Storage.Registry;

namespace Sampand.Registry;

/// <summary>The settings of a registry, checked.</summary>
internal sealed record RegistryConfiguration
{
    /// <summary>Where it listens.</summary>
    internal IReadOnlyList<IPEndPoint> Listen { get; init; } = [new(IPAddress.Loopback, 5000)];

    /// <summary>Where its content lies; null: not given.</summary>
    internal string? Root { get; init; }

    /// <summary>The file of users; null: there are none.</summary>
    internal string? UsersFile { get; init; }

    /// <summary>What users are told that they log in to; null: the usual.</summary>
    internal string? Realm { get; init; }

    /// <summary>The certificate, PEM; null: without TLS.</summary>
    internal string? CertificateFile { get; init; }

    /// <summary>Its key, PEM.</summary>
    internal string? KeyFile { get; init; }

    /// <summary>True if nothing may be pushed or deleted.</summary>
    internal bool IsReadOnly { get; init; }

    /// <summary>False if nothing may be deleted.</summary>
    internal bool AllowsDeletes { get; init; } = true;

    /// <summary>Requests at a time; null: the usual.</summary>
    internal int? MaxRequests { get; init; }

    /// <summary>Connections at a time; null: the usual.</summary>
    internal int? MaxConnections { get; init; }

    /// <summary>How often garbage is collected; null: only when asked for.</summary>
    internal TimeSpan? CollectionInterval { get; init; }

    /// <summary>The registries that names of this one stand for.</summary>
    internal IReadOnlyList<MirrorOptions> Mirrors { get; init; } = [];

    /// <summary>What is logged.</summary>
    internal LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>The limits of the store; its root is <see cref="Root"/>.</summary>
    internal RegistryStoreOptions Store { get; init; } = new() { Root = "" };

    /// <summary>Reads <c>address:port</c>, <c>[address]:port</c> or <c>:port</c>.</summary>
    internal static bool TryParseAddress(string text, out IPEndPoint address)
    {
        address = new IPEndPoint(IPAddress.Any, 0);
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        var host = text[..colon] switch { "" => "0.0.0.0", "localhost" => "127.0.0.1", var other => other };
        if (!IPAddress.TryParse(host, out var parsed) || (parsed.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6) != host.StartsWith('['))
            return false;
        address = new IPEndPoint(parsed, port);
        return true;
    }
}

using System.Net;

namespace Sampan.Storage.Distribution;

/// <summary>How registries are found and talked to.</summary>
public sealed record RegistryOptions
{
    /// <summary>Registries to be reached without TLS or with a certificate that nobody vouches for: <c>host</c>, <c>host:port</c> or a CIDR. This machine's own always are.</summary>
    public IReadOnlyList<string> Insecure { get; init; } = [];

    /// <summary>Mirrors, in the order in which they are asked.</summary>
    public IReadOnlyList<RegistryMirror> Mirrors { get; init; } = [];

    /// <summary>
    /// Directories with one directory for each registry (<c>host[:port]</c>): <c>*.crt</c> are authorities to trust, <c>*.cert</c> with
    /// <c>*.key</c> the client's own certificate.
    /// </summary>
    public IReadOnlyList<string> CertificateDirectories { get; init; } = ["/etc/sampan/certs.d", "/etc/docker/certs.d"];

    /// <summary>Layers fetched at a time by the whole daemon.</summary>
    public int MaxConcurrentDownloads { get; init; } = 3;

    /// <summary>Layers sent at a time by the whole daemon.</summary>
    public int MaxConcurrentUploads { get; init; } = 5;

    /// <summary>How often something is tried before it counts as failed; a try that moved bytes does not count.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>The wait before the second try; it doubles with each further one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two tries; a registry that asks for a longer one has failed.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a connection may take to be made.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a registry may send or take nothing.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes from which on a part of a blob is worth a request of its own.</summary>
    public long RangeBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Requests for one blob at a time, at most.</summary>
    public int MaxRanges { get; init; } = 3;

    /// <summary>Bytes from which on a layer is unpacked while it is still being fetched.</summary>
    public long UnpackAheadBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How often one request may be sent elsewhere.</summary>
    public int MaxRedirects { get; init; } = 10;

    /// <summary>How long the beginning of an interrupted download is kept for the next try.</summary>
    public TimeSpan KeepPartial { get; init; } = TimeSpan.FromDays(7);

    /// <summary>What requests say of the engine.</summary>
    public string UserAgent { get; init; } = "sampan";

    /// <summary>Makes connections in place of the system's resolver and sockets; null: those do. For tests, whose registries have names that nobody knows.</summary>
    internal Func<DnsEndPoint, CancellationToken, ValueTask<Stream>>? Connect { get; init; }

    /// <summary>The registry behind names without one: Docker's.</summary>
    public DefaultRegistry Default { get; init; } = new();
}
